"""Lists of names, written as text."""


def words(text):
    return text.split()
