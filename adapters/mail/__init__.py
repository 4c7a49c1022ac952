"""Mail: its words, and the ways it is delivered."""
