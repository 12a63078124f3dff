"""Effects held against runs: programs are generated, run under an observer, and what happened is compared with what was claimed."""
