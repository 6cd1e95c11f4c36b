"""The only SQLite, the only files: what lies in a profile's folder, and how it stays whole and secret."""
