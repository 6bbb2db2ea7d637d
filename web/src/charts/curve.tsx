// Curves that grow: figures of the epochs, solid for what is learned from, dashed for what is held out.
import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Run } from "../model";
import { figure, isDark } from "./colour";

export function names(run: Run): string[] {
  const found = Object.keys(run.curves).filter((name) => name !== "epoch" && name !== "learning_rate" && !name.startsWith("val_"));
  return found.sort((a, b) => Number(b === "loss") - Number(a === "loss"));
}

export function Curve({ run, name, height = 240 }: { run: Run; name: string; height?: number }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [table, setTable] = useState(false);
  const held = `val_${name}` in run.curves ? `val_${name}` : null;
  const shown = held ? [name, held] : [name];
  const data = [run.curves.epoch, ...shown.map((one) => run.curves[one] ?? [])] as uPlot.AlignedData;
  const dark = isDark.value;

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const style = getComputedStyle(element);
    const ink = style.getPropertyValue("--ink-soft").trim() || "#666";
    const line = style.getPropertyValue("--line").trim() || "#ddd";
    const colours = [style.getPropertyValue("--positive").trim() || "#1F6FB4", style.getPropertyValue("--negative").trim() || "#B4540A"];
    const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: "13px system-ui, sans-serif" };
    plot.current = new uPlot({
      width: element.clientWidth || 400, height, legend: { show: false }, cursor: { drag: { x: false, y: false }, y: false },
      scales: { x: { time: false } },
      axes: [{ ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] }, { ...axis, size: 56 }],
      series: [{}, ...shown.map((one, place) => ({
        label: one, stroke: colours[place]!, width: 2.2, dash: place ? [7, 5] : [], points: { show: run.curves.epoch.length < 2 }, spanGaps: true,
      }))],
    }, data, element);
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height }));
    resized.observe(element);
    return () => { resized.disconnect(); plot.current?.destroy(); plot.current = null; };
  }, [shown.join(), dark, height, run.curves.epoch.length < 2]);

  useEffect(() => { plot.current?.setData(data); });

  const last = (one: string) => (run.curves[one] ?? []).findLast((value) => value !== null) ?? null;
  return (
    <figure class="curve">
      <figcaption>
        <span class="key solid">{name} while learning <b>{figure(last(name))}</b></span>
        {held && <span class="key dashed">{name} on examples held out <b>{figure(last(held))}</b></span>}
        <button class="quiet" onClick={() => setTable(!table)}>{table ? "Show as curve" : "Show as table"}</button>
      </figcaption>
      <div ref={box} class="plot" hidden={table} role="img" aria-label={`Curve of ${name} over the epochs; now ${figure(last(name))}`} />
      {table && <Table run={run} shown={shown} />}
      <p class="axis">epoch</p>
    </figure>
  );
}

function Table({ run, shown }: { run: Run; shown: string[] }) {
  return (
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Figures of the epochs">
      <table>
        <thead><tr><th scope="col">epoch</th>{shown.map((one) => <th scope="col" key={one}>{one}</th>)}</tr></thead>
        <tbody>
          {run.curves.epoch.map((epoch, row) => (
            <tr key={epoch}><th scope="row">{epoch}</th>{shown.map((one) => <td key={one}>{figure(run.curves[one]?.[row])}</td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
