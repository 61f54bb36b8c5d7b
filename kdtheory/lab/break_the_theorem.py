# /// script
# [tool.marimo.display]
# theme = "light"
# ///
"""Demonstration: try to make the student lead. Run with ``kdtheory lab break_the_theorem``."""

import marimo

app = marimo.App(width="full", app_title="kdtheory: break the theorem")


@app.cell
def _():
    import marimo as mo

    from kdtheory.lab import _break_the_theorem as numbers
    from kdtheory.lab import _break_the_theorem_picture as drawing
    from kdtheory.lab import _page as page

    return drawing, mo, numbers, page


@app.cell
def _(mo, page):
    mo.Html(
        page.opening(
            "Break the theorem: can you make the student lead?",
            f"A {page.word('student', 'student')} and a {page.word('control', 'run on labels')} have come equally far "
            "on the leading mode. With gradient flow the student is then behind on every lower mode, whatever the "
            "times: that is a theorem. <b>With which other procedures, times and eigenvalues does the student lead? "
            "Try, and predict each time who leads on the lower mode.</b>",
        )
    )
    return


@app.cell
def _(mo):
    # The counterexample that is shown, as (claim, name), or None for an attempt of one's own.
    shown, show = mo.state(None)
    return show, shown


@app.cell
def _(mo, numbers):
    student = mo.ui.dropdown(list(numbers.FAMILIES), value="gradient flow", label="procedure")
    teacher = mo.ui.dropdown([numbers.SAME, *numbers.FAMILIES], value=numbers.SAME, label="teacher's")
    _times = [0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 50.0, 100.0, 1000.0, 10000.0]
    _ratios = [0.01, 0.02, 0.05, *(i / 20 for i in range(2, 20)), 0.99]
    teacher_time = mo.ui.slider(steps=_times, value=2.0, label="teacher's time", show_value=True, full_width=True)
    student_time = mo.ui.slider(steps=_times, value=2.0, label="student's time", show_value=True, full_width=True)
    ratio = mo.ui.slider(steps=_ratios, value=0.5, label="lower / leading eigenvalue", show_value=True, full_width=True)
    at_once = mo.ui.checkbox(label="show answers at once")
    return at_once, ratio, student, student_time, teacher, teacher_time


@app.cell
def _(mo, numbers, show):
    def _button(claim, item):
        return mo.ui.button(label=item.name, on_change=lambda _: show((claim, item.name)))

    buttons = {
        claim: [_button(claim, item) for item in numbers.claims.get(claim).counterexamples] for claim in numbers.CLAIMS
    }
    back = mo.ui.button(label="my own attempt again", on_change=lambda _: show(None))
    return back, buttons


@app.cell
def _(numbers, ratio, shown, student, student_time, teacher, teacher_time):
    choice = numbers.Choice(
        student=student.value,
        teacher=teacher.value,
        teacher_time=teacher_time.value,
        student_time=student_time.value,
        ratio=ratio.value,
    )
    example = None if shown() is None else numbers.counterexample(*shown())
    contest = numbers.attempt(choice) if example is None else numbers.known(example[1].case)
    return choice, contest, example


@app.cell
def _(contest, mo):
    # Made anew for every contest, since it depends on it: each asks for a prediction of its own.
    _question = "**Who leads?**" if contest is not None else "**Nobody to compare with**"
    prediction = mo.ui.radio(["student", "run on labels", "nobody"], label=_question, inline=True)
    return (prediction,)


@app.cell
def _(at_once, example, mo, prediction):
    _asked = not at_once.value and example is None and mo.app_meta().mode != "script"
    revealed = prediction.value is not None or not _asked
    return (revealed,)


@app.cell
def _(contest, page, prediction, revealed):
    _names = {"student": "student", "control": "run on labels", "nobody": "nobody"}
    if contest is None:
        result = (
            '<p class="verdict">No run on labels comes as far on the leading mode as this student, whose teacher and '
            "own training overshoot: take shorter times.</p>"
        )
    elif not revealed:
        result = (
            f"<p>Both have {page.number('leading', contest.labels[0])} of the leading mode; the run on labels has "
            f"{page.number('labels-lower', contest.labels[1])} of the lower one. Predict, then see.</p>"
        )
    else:
        _leader = _names[contest.leader]
        _said = "" if prediction.value is None else "Right. " if prediction.value == _leader else "No. "
        _who = "Nobody leads" if contest.leader == "nobody" else f"The {page.word(contest.leader, _leader)} leads"
        _digits = ".3f" if contest.leader == "nobody" or abs(contest.ratio - 1) > 5e-4 else ".9f"
        result = (
            f'<p class="verdict">{_said}{_who}. On the lower mode, student '
            f"{page.number('student-lower', contest.student[1])}, run on labels "
            f"{page.number('labels-lower', contest.labels[1])}: ratio "
            f"{page.number('ratio', contest.ratio, _digits)}.</p>"
        )
    return (result,)


@app.cell
def _(contest, page, revealed):
    reason = ""
    if revealed and contest is not None and contest.slopes is not None:
        _e = contest.slopes
        _slack = _e["teacher"] + _e["student"] - _e["control"]
        _sum = (
            f"teacher {page.number('slope-teacher', _e['teacher'])} + student "
            f"{page.number('slope-student', _e['student'])} against run on labels "
            f"{page.number('slope-labels', _e['control'])}"
        )
        if abs(_slack) < 1e-6:
            _why = "Equally steep: nobody gains ground just below the match."
        elif (_slack < 0) == (contest.leader == "student"):
            _why = "The flatter curve keeps more of the lower modes: it leads."
        else:
            _why = "Just below the match the flatter curve leads; farther down they cross again, as gains do not rise."
        reason = f"<p><b>Why?</b> Distillation adds up slopes (elasticities of gains): {_sum}. {_why}</p>"
    return (reason,)


@app.cell
def _(choice, example, numbers, page, revealed):
    if example is not None:
        _claim, _item = example
        _broken = next(each.sentence for each in _claim.assumptions if each.name == _item.violates)
        background = (
            f"<p><b>{_item.name}</b>, a counterexample to {_claim.id}. {_item.words}</p><p>It breaks the assumption "
            f"<i>{_item.violates}</i>: {_broken}</p><p>log(run on labels / student): "
            f"{page.number('margin', _claim.margin_of(_item))}; with the assumption restored "
            f"{page.number('restored', _claim.margin_of(_item, restored=True), '+.2g')}.</p>"
        )
    elif revealed:
        _judged = numbers.verdict(choice.student, choice.teacher)
        _says = {
            "holds": "the slopes add up to more at every match: the student never leads",
            "fails": "at some matches the slopes add up to less: the student can lead",
        }.get(_judged.verdict, "the slopes are equal at every match: nobody leads")
        background = (
            f"<p>All times and eigenvalues (momentum: before it overshoots): {_says}. Largest ratio found: "
            f"{page.number('most', _judged.most)}.</p>"
        )
    else:
        background = ""
    return (background,)


@app.cell
def _(contest, drawing, page, revealed):
    picture = ""
    if contest is not None:
        _alt = (
            f"Left: gain of the run on labels{' and of the student' if revealed else ''} against the eigenvalue; they "
            f"meet at the leading mode, at {contest.labels[0]:.3f}. Right: the slopes there."
        )
        picture = page.picture(drawing.draw(contest, revealed=revealed), _alt)
    return (picture,)


@app.cell
def _(
    at_once,
    back,
    background,
    buttons,
    example,
    mo,
    page,
    picture,
    prediction,
    ratio,
    reason,
    result,
    student,
    student_time,
    teacher,
    teacher_time,
):
    _text = mo.Html(page.block(f'<div class="small">{background}{reason}</div>'))
    _knobs = [student, teacher, teacher_time, student_time, ratio, at_once] if example is None else []
    _left = mo.vstack([*_knobs, _text], gap=0.15).style({"padding-right": "48px"})
    _asked = prediction if example is None else back
    _told = mo.vstack([_asked, mo.Html(page.block(result)), mo.Html(picture)], gap=0.2)
    _rows = [
        mo.hstack([mo.Html(page.block(f"of {claim}:")), *row], justify="start", gap=0.3, wrap=True)
        for claim, row in buttons.items()
    ]
    _known = mo.vstack([mo.Html(page.block("<b>Known counterexamples</b>, one click away:")), *_rows], gap=0.2)
    mo.vstack([mo.hstack([_left, _told], widths=[1.0, 2.0], gap=0.3, align="start"), _known], gap=0.3)
    return


@app.cell
def _(mo, page):
    mo.Html(
        page.source(
            "nagarajan2023, theorem 4.1, for gradient flow; the criterion and the counterexamples are derived in "
            "kdtheory: kdtheory claims show which-procedures-exaggerate. The leading eigenvalue is 1; the run on "
            "labels is of the student's procedure"
        )
    )
    return


if __name__ == "__main__":
    from kdtheory.lab.snapshot import told

    print(told(app))
