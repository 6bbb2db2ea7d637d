// Connections between columns, drawn behind them: all weights between small layers; of a chosen neuron only its own.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { figure } from "../charts/colour";
import type { Step } from "../model";
import { place } from "../state";

interface Drawn { x1: number; y1: number; x2: number; y2: number; weight: number; share: number; strong: boolean }

const MOST = 700;

export function Edges({ step, chosen }: { step: Step; chosen: number }) {
  const svg = useRef<SVGSVGElement>(null);
  const [lines, setLines] = useState<Drawn[]>([]);
  const [size, setSize] = useState([0, 0]);
  const neuron = place.value.neuron;
  useLayoutEffect(() => {
    const box = svg.current?.parentElement;
    if (!box) return;
    const draw = () => {
      setSize([box.scrollWidth, box.scrollHeight]);
      setLines(measure(box, step, chosen, neuron));
    };
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(box);
    return () => resized.disconnect();
  }, [step, chosen, neuron]);
  return (
    <svg ref={svg} class="edges" width={size[0]} height={size[1]} aria-hidden="true">
      {lines.map((one, number) => (
        <line key={number} x1={one.x1} y1={one.y1} x2={one.x2} y2={one.y2}
          stroke={one.weight < 0 ? "var(--negative)" : "var(--positive)"} stroke-dasharray={one.weight < 0 ? "4 3" : undefined}
          stroke-width={0.4 + 2.6 * one.share} opacity={one.strong ? 0.25 + 0.75 * one.share : 0.05 + 0.4 * one.share}>
          <title>{figure(one.weight)}</title>
        </line>
      ))}
    </svg>
  );
}

/** Where the lines run: from the circles of one column to those of the next. */
function measure(box: HTMLElement, step: Step, chosen: number, neuron: number | null): Drawn[] {
  const frame = box.getBoundingClientRect();
  const columns = [...box.querySelectorAll<HTMLElement>(".column")];
  const middles = columns.map((column) => {
    const found = new Map<number, { left: number; right: number; y: number }>();
    column.querySelectorAll<HTMLElement>(".neurons:not(.many) .neuron").forEach((one) => {
      const at = one.getBoundingClientRect();
      found.set(Number(one.dataset["unit"]), {
        left: at.left - frame.left + box.scrollLeft, right: at.right - frame.left + box.scrollLeft,
        y: at.top + at.height / 2 - frame.top + box.scrollTop,
      });
    });
    return found;
  });
  const lines: Drawn[] = [];
  step.layers.forEach((layer, number) => {
    // The first column is what comes in.
    const before = middles[number], here = middles[number + 1];
    if (!layer.edges || !before?.size || !here?.size || !lies(columns, number + 1)) return;
    const top = Math.max(...layer.edges.map((edge) => Math.abs(edge[2])), 1e-12);
    const own = chosen === number && neuron !== null;
    for (const [from, to, weight] of layer.edges) {
      const a = before.get(from), b = here.get(to);
      if (!a || !b || (own && to !== neuron)) continue;
      lines.push({ x1: a.right, y1: a.y, x2: b.left, y2: b.y, weight, share: Math.abs(weight) / top, strong: own });
    }
  });
  return lines.sort((a, b) => b.share - a.share).slice(0, MOST);
}

/** Whether the column stands beside the one before, not below it as on a phone. */
function lies(columns: HTMLElement[], number: number): boolean {
  const one = columns[number - 1]?.getBoundingClientRect(), other = columns[number]?.getBoundingClientRect();
  return Boolean(one && other && other.left >= one.right - 1);
}
