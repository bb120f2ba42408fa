"""The leaderboard as a static site: a board as files, and the files as a folder."""
