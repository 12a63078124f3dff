"""What runs at run time: `caller` in the rewritten program, `unit` in the processes its calls go to."""
