"""The leaderboard: from sodeval reports to tables and pages."""
