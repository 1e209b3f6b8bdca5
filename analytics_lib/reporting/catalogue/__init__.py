"""What is published, for people who search, for feed readers and for programs."""
