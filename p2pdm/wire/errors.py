"""What a session may find wrong with the bytes of the other side."""


class WireError(Exception):
    """What a remote peer sent is wrong: the link it came over is to be closed. Its text is a sentence for a log."""
