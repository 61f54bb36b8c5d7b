# /// script
# [tool.marimo.display]
# theme = "light"
# ///
"""Demonstration: a teacher takes noise out of gradients. Run with ``kdtheory lab gradient_denoising``."""

import marimo

app = marimo.App(width="full", app_title="kdtheory: gradient denoising")


@app.cell
def _():
    import marimo as mo

    from kdtheory.lab import _gradient_denoising as numbers
    from kdtheory.lab import _gradient_denoising_picture as drawing
    from kdtheory.lab import _page as page

    return drawing, mo, numbers, page


@app.cell
def _(mo, page):
    mo.Html(
        page.opening(
            "Gradient denoising: less noise without any noise in the labels?",
            "500 digits, odd or even, a linear model, and clean labels. Gradients of minibatches are noisy, since "
            f"batches are drawn. A {page.word('teacher', 'teacher')} is trained on the "
            f"{page.word('control', 'labels')} for a while; then its outputs replace them. <b>Can that bring the "
            "gradients of minibatches closer to the one that is wanted: of all samples, with labels?</b>",
        )
    )
    return


@app.cell
def _(mo):
    prediction = mo.ui.radio(
        ["no", "yes, always", "yes, if it is trained long enough"],
        label="**Prediction**",
        inline=True,
    )
    return (prediction,)


@app.cell
def _(mo):
    _times = [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 20.0, 50.0, 100.0]
    time = mo.ui.slider(steps=_times, value=2.0, label="teacher's time", show_value=True, full_width=True)
    noise = mo.ui.slider(0.0, 2.0, 0.25, value=0.0, label="noise of labels (sd)", show_value=True, full_width=True)
    batch = mo.ui.slider(
        steps=[1, 2, 5, 10, 20, 50, 100, 200, 500], value=50, label="batch size", show_value=True, full_width=True
    )
    position = mo.ui.slider(
        0.0, 1.0, 0.1, value=0.0, label="student's way: 0 start, 1 teacher", show_value=True, full_width=True
    )
    return batch, noise, position, time


@app.cell
def _(batch, noise, numbers, position, time):
    choice = numbers.Choice(time=time.value, noise=noise.value, batch=batch.value, position=position.value)
    view = numbers.view(choice)
    return choice, view


@app.cell
def _(mo, prediction, prediction_of_floor):
    _all = mo.app_meta().mode == "script"
    revealed = _all or prediction.value is not None
    revealed_floor = _all or prediction_of_floor.value is not None
    return revealed, revealed_floor


@app.cell
def _(choice, page, revealed, view):
    def _row(name, text):
        cells = [
            page.number(f"{name}-{part}", values[name] / view.error["control"])
            for part, values in (("bias", view.squared_bias), ("variance", view.variance), ("error", view.error))
        ]
        return f"<tr><td>{page.word(name, text)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    table = "<table><tr><th>with</th><th>bias²</th><th>variance</th><th>sum</th></tr>"
    table += _row("control", "labels")
    if revealed:
        table += _row("teacher", "teacher")
    table += "</table>"
    if not revealed:
        verdict = "<p>Predict first; then the teacher's gradients appear.</p>"
    else:
        _better = "helps" if view.ratio < 1 else "hurts"
        _until = {
            None: "It hurts at all times shown.",
            0.0: "It helps at all times shown.",
        }.get(view.break_even, f"It hurts if stopped before {page.number('break-even', view.break_even, '.2f')}.")
        verdict = (
            f'<p class="verdict">Stopped at {choice.time:g}, the {page.word("teacher", "teacher")} {_better}: '
            f"{page.number('ratio', view.ratio)} of the error with labels. {_until}</p>"
        )
    return table, verdict


@app.cell
def _(choice, drawing, page, revealed, view):
    _who = "labels and with the teacher" if revealed else "labels"
    _what = f"; at {choice.time:g} it is {view.ratio:.3f}" if revealed else ""
    _alt = (
        f"Left: gradients of drawn minibatches of {choice.batch}, with {_who}. Right: squared error against the "
        f"teacher's time{_what}."
    )
    picture = page.picture(drawing.draw(view, choice, revealed=revealed), _alt)
    return (picture,)


@app.cell
def _(choice, page, revealed, view):
    why = ""
    if revealed:
        _free = "without any noise in the labels" if choice.noise == 0 else "with the noise of the labels too"
        why = (
            f"<p><b>Why,</b> {_free}: on every minibatch the teacher's gradient is that with labels minus what that "
            f"would be at the teacher (the sides differ by {page.number('relation', view.relation, '.0e')}). What is "
            "subtracted varies with the batch as the gradient itself does: noise goes. Its mean goes too: bias. At the "
            "teacher (way 1) nothing is left of the noise of clean labels. Bias falls with the teacher's time.</p>"
        )
    return (why,)


@app.cell
def _(batch, mo, noise, page, picture, position, prediction, table, time, verdict, why):
    _left = mo.vstack(
        [time, noise, batch, position, mo.Html(page.block(f'<div class="small">{table}{why}</div>'))], gap=0.2
    ).style({"padding-right": "48px"})
    _told = mo.vstack([prediction, mo.Html(page.block(verdict)), mo.Html(picture)], gap=0.2)
    mo.hstack([_left, _told], widths=[1.0, 2.1], gap=0.3, align="start")
    return


@app.cell
def _(mo, page):
    mo.Html(
        page.asked(
            "And where SGD ends?",
            "With a constant step SGD never comes to rest. <b>If half of the labels' weight goes to the teacher "
            "(mixing 0.5), how much of that noise is left?</b>",
        )
    )
    return


@app.cell
def _(mo):
    prediction_of_floor = mo.ui.radio(
        ["all of it", "half", "a quarter", "none"], label="**Your prediction**", inline=True
    )
    mixing = mo.ui.slider(
        0.0, 1.0, 0.05, value=0.5, label="mixing: weight of the teacher", show_value=True, full_width=True
    )
    return mixing, prediction_of_floor


@app.cell
def _(batch, drawing, mixing, noise, numbers, page, revealed_floor, time):
    # Not of `choice`: the student's way does not move it.
    _floor_of = numbers.Choice(time=time.value, noise=noise.value, batch=batch.value)
    found = numbers.floor(_floor_of, mixing.value)
    _alt = "Left: noise of SGD against the mixing, on the parabola (1 - mixing) squared. Right: with the bias paid."
    picture_of_floor = page.picture(drawing.draw_floor(found, revealed=revealed_floor), _alt)
    if revealed_floor:
        _left, _bias = found.noise[-1] / found.noise[0], found.bias[-1] / found.noise[0]
        told = (
            f'<p class="verdict">{page.number("floor", _left, ".4f")} of it is left at mixing {mixing.value:g}: '
            f"(1 - mixing)², whatever the teacher. Paid: a bias of {page.number('paid', _bias)} in the same units.</p>"
        )
    else:
        told = "<p>Predict first.</p>"
    return picture_of_floor, told


@app.cell
def _(mixing, mo, page, picture_of_floor, prediction_of_floor, told):
    _why = (
        '<p class="small">SGD is shaken by what the targets keep out of the model\'s reach. The teacher is within its '
        "reach, so mixing shrinks that part by 1 - mixing, and its variance by the square. Only the centre moves.</p>"
    )
    _left = mo.vstack([mixing, mo.Html(page.block(_why))], gap=0.2).style({"padding-right": "48px"})
    _told = mo.vstack([prediction_of_floor, mo.Html(page.block(told)), mo.Html(picture_of_floor)], gap=0.2)
    mo.hstack([_left, _told], widths=[1.0, 2.1], gap=0.3, align="start")
    return


@app.cell
def _(mo, page):
    mo.Html(
        page.source(
            "nagarajan2023 (distillation as denoising), safaryan2023 (partial variance reduction), menon2021; the "
            "exact relation and the floor are derived in kdtheory: kdtheory claims show gradient-denoising. The linear "
            "model has the 16 leading principal components of the digits; the leading eigenvalue is 1 in units of time"
        )
    )
    return


if __name__ == "__main__":
    from kdtheory.lab.snapshot import told

    print(told(app))
