"""What travels inside every unit. Standard library only, and nothing else of faasify."""
