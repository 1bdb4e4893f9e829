"""Rules on what is read: lengths, headings, voices, images."""

from torchgrade.verify import markdown
from torchgrade.verify.lesson import Lesson
from torchgrade.verify.limits import Limits
from torchgrade.verify.registry import WARNING, Found, rule

TIERS = ("Nudge", "Strategy", "Outline")


@rule
def prose(lesson: Lesson, limits: Limits) -> Found:
    """The prose is long enough to explain and short enough to read."""
    count = sum(markdown.words(cell.source) for cell in lesson.of_kind("markdown"))
    least, most = limits.prose_words
    if not least <= count <= most:
        mend = "Explain more" if count < least else "Cut what the learner does not need"
        yield None, f"its prose has {count:,} words, not {least:,} to {most:,}", mend


@rule
def hook(lesson: Lesson, limits: Limits) -> Found:
    """What stands before the first section is short."""
    text = ""
    for cell in lesson.of_kind("markdown"):
        before, found, _ = f"\n{cell.source}".partition("\n## ")
        text += before + "\n"
        if found:
            break
    count = markdown.words(text)
    if count > limits.hook_words:
        what = f"{count} words stand before the first section, not at most {limits.hook_words}"
        yield None, what, "Shorten the hook, or begin a section (##) earlier"


@rule
def headings(lesson: Lesson, limits: Limits) -> Found:
    """One title, and no level is skipped on the way down."""
    level = 0
    for cell in lesson.of_kind("markdown"):
        for depth, text in markdown.headings(cell.source):
            if depth == 1 and level:
                yield cell, f"a second title (#): {text!r}", "Make it a section (##)"
            elif depth > level + 1:
                what = f"the heading {text!r} has level {depth} and follows one of level {level}"
                yield cell, what, f"Give it level {level + 1}, or the lesson its title (#) first"
            level = depth


@rule
def voice(lesson: Lesson, limits: Limits) -> Found:
    """Personas speak little."""
    texts = [cell.source for cell in lesson.of_kind("markdown")]
    total = sum(map(markdown.words, texts))
    spoken = sum(map(markdown.voice_words, texts))
    if total and spoken > limits.voice_share * total:
        what = f"{spoken / total:.0%} of its words are spoken by a persona"
        yield None, what, f"Keep it to {limits.voice_share:.0%}"


@rule
def images(lesson: Lesson, limits: Limits) -> Found:
    """Every image says what it shows."""
    for cell in lesson.of_kind("markdown", "hints"):
        if count := markdown.images_without_text(cell.source):
            what = f"{count} of its images have no alternative text"
            yield cell, what, 'Say what is seen: ![text](file) or <img alt="text">'


@rule
def hints(lesson: Lesson, limits: Limits) -> Found:
    """Every answer has a hint cell of exactly three tiers."""
    for answer in lesson.of_kind("answer"):
        cell = lesson.hints_of(answer)
        if cell is None:
            yield (
                answer,
                "the answer has no hint cell",
                f'Add a markdown cell with torchenstein metadata {{"hints": "{answer.grade_id}"}}',
            )
            continue
        tiers = markdown.sections(cell.source, 4)
        if tuple(title for title, _ in tiers) != TIERS:
            wanted = ", ".join(f"#### {tier}" for tier in TIERS)
            yield cell, "its headings are not the three tiers", f"Use exactly: {wanted}"
            continue
        for tier, body in tiers:
            least, most = limits.outline_words if tier == "Outline" else limits.hint_words
            count = len(body.split()) if tier == "Outline" else markdown.words(body)
            if not count:
                yield cell, f"the tier {tier} is empty", "Write it"
            elif not least <= count <= most:
                yield (
                    cell,
                    f"{WARNING}the tier {tier} has {count} words",
                    f"Aim at {least} to {most}",
                )
