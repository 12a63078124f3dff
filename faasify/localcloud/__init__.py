"""The embedded runtime: worker processes of this machine, forked from a zygote."""
