// One chart by ECharts: only what our charts use is bundled. Colours and type come from the stylesheet, figures and words from
// the page; tooltips are drawn inside the canvas, because the content policy refuses the inline styles of HTML ones.
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

const TOKENS = ["ink", "ink-soft", "hairline", "surface", "sunken", "edge", "chart-1", "chart-2", "chart-3", "chart-4", "chart-5", "chart-6"];
const SYMBOLS = ["circle", "rect", "emptyCircle"];
const DASHES = ["solid", [6, 4], [2, 3]];
const HEAD_PX = 12;
const FOOT_PX = 28;
const still = matchMedia("(prefers-reduced-motion: reduce)");

// The tokens as they are now: a canvas knows no custom properties.
function ink(figure) {
  const probe = document.createElement("i");
  probe.hidden = true;
  figure.append(probe);
  const read = (token) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(TOKENS.map((token) => [token, read(token)]));
  probe.remove();
  return { ...found, font: getComputedStyle(figure).fontFamily };
}

// Every series of columns but the first is hatched, as it is on paper.
function hatch(colour, ground, turn) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = ground;
  pen.lineWidth = 2;
  for (const offset of [-8, 0, 8]) {
    pen.moveTo(offset, turn % 2 ? 8 : 0);
    pen.lineTo(offset + 8, turn % 2 ? 0 : 8);
  }
  pen.stroke();
  return { image: tile, repeat: "repeat" };
}

function column(one, turn, chart, colours) {
  const colour = colours[`chart-${one.colour}`];
  const fill = turn ? hatch(colour, colours.surface, turn) : colour;
  return {
    type: "bar",
    stack: chart.stacked ? "all" : undefined,
    barMaxWidth: 48,
    barCategoryGap: "36%",
    barGap: "0%",
    itemStyle: { color: fill, borderRadius: chart.stacked ? 0 : [2, 2, 0, 0], ...pale(chart, colour, 0.28) },
    data: one.values.map((value, place) => (place === chart.open ? { value, itemStyle: open(chart, colour) } : value)),
  };
}

// Columns under lines are pale, with an edge that carries the contrast; a place that is not over is paler still.
function pale(chart, colour, share) {
  if (!chart.series.some((one) => one.mark === "line")) return {};
  const [red, green, blue] = colour.match(/[\d.]+/g);
  return { color: `rgba(${red}, ${green}, ${blue}, ${share})`, borderColor: colour, borderWidth: 1 };
}

function open(chart, colour) {
  const paler = pale(chart, colour, 0.1);
  return "color" in paler ? { ...paler, borderType: [3, 3] } : { opacity: 0.5 };
}

function line(one, turn, colours) {
  const colour = colours[`chart-${one.colour}`];
  return {
    type: "line",
    symbol: SYMBOLS[turn % 3],
    symbolSize: 6,
    showAllSymbol: true,
    lineStyle: { color: colour, width: 2, type: DASHES[turn % 3] },
    itemStyle: { color: colour },
    data: one.values,
    z: 3,
  };
}

function series(chart, colours) {
  let lines = 0;
  let columns = 0;
  return chart.series.map((one) => ({
    ...(one.mark === "line" ? line(one, lines++, colours) : column(one, columns++, chart, colours)),
    name: one.name,
    emphasis: { disabled: true },
  }));
}

function every(width) {
  if (width >= 640) return 1;
  return width >= 440 ? 2 : 3;
}

// The plot lies exactly where the drawing has it, so that nothing moves when the chart wakes.
function grid(figure, place) {
  const at = place.getBoundingClientRect();
  const field = figure.querySelector(".chart-field").getBoundingClientRect();
  return { left: field.left - at.left, right: at.right - field.right, top: HEAD_PX, bottom: FOOT_PX, containLabel: false };
}

function options(figure, place, chart) {
  const colours = ink(figure);
  const text = { color: colours["ink-soft"], fontFamily: colours.font, fontSize: 12 };
  const last = chart.short.length - 1;
  const step = every(figure.clientWidth);
  const told = (items) => {
    const at = items[0].dataIndex;
    return [chart.labels[at], ...items.map((one) => `${one.seriesName}  ${chart.series[one.seriesIndex].said[at]}`)].join("\n");
  };
  return {
    animation: !still.matches,
    animationDuration: 160,
    textStyle: text,
    grid: grid(figure, place),
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      confine: true,
      transitionDuration: 0,
      axisPointer: { type: "shadow", shadowStyle: { color: colours.edge, opacity: 0.12 } },
      backgroundColor: colours.surface,
      borderColor: colours.edge,
      borderWidth: 1,
      padding: [8, 12],
      textStyle: { ...text, color: colours.ink, fontSize: 13, lineHeight: 22 },
      formatter: told,
    },
    xAxis: {
      type: "category",
      data: chart.short,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.edge }, onZero: true },
      axisLabel: { ...text, margin: 10, interval: (at) => (last - at) % step === 0 },
    },
    yAxis: {
      type: "value",
      min: chart.low,
      max: chart.top,
      interval: chart.step,
      axisLabel: { ...text, formatter: (value) => chart.ticks[String(value)] ?? "" },
      splitLine: { lineStyle: { color: colours.hairline } },
    },
    series: series(chart, colours),
  };
}

export function draw(figure) {
  const place = figure.querySelector(".chart-live");
  const facts = JSON.parse(figure.dataset.chart);
  place.hidden = false;
  const chart = init(place, null, { renderer: "canvas" });
  const paint = () => chart.setOption(options(figure, place, facts), true);
  paint();
  figure.classList.add("chart-awake");
  new ResizeObserver(() => {
    chart.resize();
    paint();
  }).observe(place);
  new MutationObserver(paint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  for (const wish of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(wish).addEventListener("change", paint);
  }
}
