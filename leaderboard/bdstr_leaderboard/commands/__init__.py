"""The commands of `bdstr leaderboard`: options in, text out."""
