"""Prints the CPU time that its process had used when its first line ran, and ends."""

import time

print(time.process_time())


def unused(x):
    return x + 1
