"""The few things that must be known of markdown: words, headings, voices, images."""

import re
from collections.abc import Iterator

FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)
VOICE = re.compile(r'<blockquote class="torchenstein-voice">(.*?)</blockquote>', re.DOTALL)
TAG = re.compile(r"</?[A-Za-z][^>]*>")
IMAGE = re.compile(r"!\[([^\]]*)\]\(")
HTML_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
ALT = re.compile(r"""\balt\s*=\s*(?:"\s*([^"]+?)\s*"|'\s*([^']+?)\s*')""", re.IGNORECASE)
LINK_TARGET = re.compile(r"\]\([^)]*\)")


def without_code(text: str) -> str:
    """The text without fenced code blocks."""
    return FENCE.sub("", text)


def words(text: str) -> int:
    """How many words a reader reads: no fenced code, no tags, no link targets."""
    plain = TAG.sub(" ", LINK_TARGET.sub("]", without_code(text)))
    return sum(any(sign.isalnum() for sign in word) for word in plain.split())


def voice_words(text: str) -> int:
    """How many of the words a persona speaks."""
    return sum(words(part) for part in VOICE.findall(without_code(text)))


def headings(text: str) -> Iterator[tuple[int, str]]:
    """Yield (level, title) for each heading."""
    for match in HEADING.finditer(without_code(text)):
        yield len(match[1]), match[2]


def images_without_text(text: str) -> int:
    """How many images have no alternative text."""
    plain = without_code(text)
    return sum(not alt.strip() for alt in IMAGE.findall(plain)) + sum(
        ALT.search(tag) is None for tag in HTML_IMAGE.findall(plain)
    )


def sections(text: str, level: int) -> list[tuple[str, str]]:
    """The (title, body) of each heading of exactly this level."""
    mark = "#" * level + " "
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        if line.startswith(mark):
            found.append((line[len(mark) :].strip(), []))
        elif found:
            found[-1][1].append(line)
    return [(title, "\n".join(body)) for title, body in found]
