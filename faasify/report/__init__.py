"""What people read: tables for a terminal, the comparison of two runs."""
