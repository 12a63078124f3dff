"""Settle the bill of a table, and crash on the guest who ate nothing."""

from fractions import Fraction


class BillError(Exception):
    """A guest's part of the bill cannot be computed."""


orders = {"Ada": [12, 8], "Bob": [9], "Carol": []}
settled = []


def average(prices):
    return Fraction(sum(prices), len(prices))


def part_of(guest):
    try:
        return average(orders[guest])
    except ZeroDivisionError as error:
        raise BillError(f"{guest} ordered nothing") from error


def settle(guest):
    part = part_of(guest)
    settled.append(guest)
    print(f"{guest} pays {part} on average")


def main():
    for guest in orders:
        settle(guest)
    print("all settled")


if __name__ == "__main__":
    main()
