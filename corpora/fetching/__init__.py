"""What every recipe needs: where archives come from, what a corpus is, and the command itself."""
