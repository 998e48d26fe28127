"""Growth plots: time against size on logarithmic axes, one picture for each job."""

from collections.abc import Sequence

from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.measure import OURS, Job, Measurement, growth
from verify.reporting.svg import DASHES, MARKERS, SERIES, new_figure, standalone, style, to_svg


def growth_plot(job: Job, measurements: Sequence[Measurement]) -> str | None:
    """Return an SVG file with the median of every contender, or None with fewer than two sizes.

    Several cases of one contender at one size count with their median. The legend tells the fitted
    exponent; colour, marker and dashes each tell contenders apart.
    """
    by_name: dict[str, dict[float, list[float]]] = {}
    for m in measurements:
        if m.seconds:
            by_name.setdefault(m.case.contender, {}).setdefault(m.case.parameter, []).append(
                m.median
            )
    if len({size for sizes in by_name.values() for size in sizes}) < 2:
        return None
    with style():
        figure, axes = new_figure(3.6 + 0.13 * len(by_name), 6.4)
        for number, (name, sizes) in enumerate(by_name.items()):
            fit = growth([m for m in measurements if m.case.contender == name])
            shown = sorted((size, sorted(times)[len(times) // 2]) for size, times in sizes.items())
            axes.plot(
                *zip(*shown, strict=True),
                label=name + (f", exponent {fit.exponent:.1f}" if fit else ""),
                color=SERIES[number % len(SERIES)],
                marker=MARKERS[number % len(MARKERS)],
                ls=DASHES[number // len(SERIES) % len(DASHES)],
                lw=2.4 if name == OURS else 1.4,
            )
        axes.set(xscale="log", yscale="log", xlabel=job.counted, ylabel="median time (seconds)")
        # Text is not parsed as mathematics here, which matplotlib's own labels would need.
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.7g}"))
            axis.set_minor_formatter(NullFormatter())
        figure.legend(loc="outside upper left", ncols=2, columnspacing=1.4)
        return standalone(to_svg(figure, job.name, f"Time against {job.counted}: {job.question}"))
