"""Floor 7: questions in, pages out. The only room that knows notebooks, the clock and git.

Nothing is imported here, so that a command that runs nothing starts at once.
"""
