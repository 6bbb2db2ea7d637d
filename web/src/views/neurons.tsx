// The neurons of a layer: circles when they are few, a grid of cells when they are many.
import { useEffect, useRef } from "preact/hooks";
import { colour, figure, isDark } from "../charts/colour";
import type { Layer } from "../model";
import { go, place } from "../state";
import { numberOf, numbersOf } from "./network";

export const FEW = 32;

export function Grid({ layer }: { layer: Layer }) {
  if (!layer.has_neurons) return <div class="neurons none" />;
  return layer.units <= FEW ? <Circles layer={layer} /> : <Cells layer={layer} />;
}

function pick(layer: Layer, unit: number) {
  go({ layer: layer.name, call: layer.call, neuron: unit, weight: "", spot: "" });
}

function isHere(layer: Layer): boolean {
  return place.value.layer === layer.name && place.value.call === layer.call;
}

function Circles({ layer }: { layer: Layer }) {
  const box = useRef<HTMLDivElement>(null);
  const { phase, neuron } = place.value;
  const { scale } = numbersOf(layer, phase);
  const here = isHere(layer) ? neuron : null;
  const moved = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    const next = Math.min(layer.units - 1, Math.max(0, (here ?? 0) + by));
    pick(layer, next);
    event.preventDefault();
    event.stopPropagation();
    requestAnimationFrame(() => box.current?.querySelectorAll<HTMLElement>("button")[next]?.focus());
  };
  return (
    <div class={`neurons ${layer.units > 16 ? "tight" : ""}`} ref={box} onKeyDown={moved}>
      {Array.from({ length: layer.units }, (_, unit) => {
        const number = numberOf(layer, unit, phase);
        const dashed = number !== null && number < 0;
        return (
          <button
            key={unit} class={`neuron ${number === null ? "unknown" : ""} ${dashed ? "minus" : ""}`} data-unit={unit}
            aria-pressed={here === unit} tabIndex={unit === (here ?? 0) ? 0 : -1}
            aria-label={`Neuron ${unit} of ${layer.name}: ${figure(number)}`} title={`Neuron ${unit}: ${figure(number)}`}
            style={number === null ? undefined : { background: colour(number, scale) }} onClick={() => pick(layer, unit)}
          />
        );
      })}
    </div>
  );
}

const SIDE = 200, CELL_GAP = 1;

function Cells({ layer }: { layer: Layer }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { phase, neuron } = place.value;
  const { values, scale } = numbersOf(layer, phase);
  const count = layer.indexes?.length ?? layer.units;
  const columns = Math.max(2, Math.ceil(Math.sqrt(count * 0.4)));
  const rows = Math.ceil(count / columns);
  const cell = Math.max(3, Math.min(12, Math.floor((SIDE * 1.6) / rows)));
  const here = isHere(layer) ? neuron : null;
  const dark = isDark.value;
  useEffect(() => {
    const pen = canvas.current?.getContext("2d");
    if (!pen) return;
    const sharp = devicePixelRatio || 1;
    canvas.current!.width = columns * cell * sharp;
    canvas.current!.height = rows * cell * sharp;
    pen.scale(sharp, sharp);
    for (let place = 0; place < count; place++) {
      const number = values?.[place] ?? 0;
      pen.fillStyle = colour(number, scale);
      const x = (place % columns) * cell, y = Math.floor(place / columns) * cell;
      pen.fillRect(x, y, cell - CELL_GAP, cell - CELL_GAP);
      if ((layer.indexes?.[place] ?? place) === here) {
        pen.strokeStyle = dark ? "#fff" : "#000";
        pen.lineWidth = 2;
        pen.strokeRect(x, y, cell - CELL_GAP, cell - CELL_GAP);
      }
    }
  }, [values, scale, here, dark, count, cell, columns, rows]);
  const unitAt = (x: number, y: number) => {
    const place = Math.floor(y / cell) * columns + Math.floor(x / cell);
    return place < count ? (layer.indexes?.[place] ?? place) : null;
  };
  const moved = (event: KeyboardEvent) => {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: columns, PageUp: -columns }[event.key];
    if (by === undefined) return;
    const row = here === null ? -1 : layer.indexes ? layer.indexes.indexOf(here) : here;
    const next = Math.min(count - 1, Math.max(0, row + by));
    pick(layer, layer.indexes?.[next] ?? next);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div class="neurons many">
      <canvas
        ref={canvas} style={{ width: `${columns * cell}px`, height: `${rows * cell}px` }} tabIndex={0} role="slider"
        aria-label={`Neurons of ${layer.name}`} aria-valuemin={0} aria-valuemax={layer.units - 1} aria-valuenow={here ?? 0}
        aria-valuetext={here === null ? `${layer.units} neurons` : `Neuron ${here}: ${figure(numberOf(layer, here, phase))}`}
        onKeyDown={moved} onClick={(event) => { const unit = unitAt(event.offsetX, event.offsetY); if (unit !== null) pick(layer, unit); }}
        onMouseMove={(event) => { const unit = unitAt(event.offsetX, event.offsetY); event.currentTarget.title = unit === null ? "" : `Neuron ${unit}: ${figure(numberOf(layer, unit, phase))}`; }}
      />
      <small class="soft">stand out</small>
      <div class="standing-out">
        {layer.standing_out.slice(0, 12).map((unit) => {
          const number = numberOf(layer, unit, phase);
          return (
            <button key={unit} class={`neuron ${number !== null && number < 0 ? "minus" : ""}`} data-unit={unit} tabIndex={-1} aria-pressed={here === unit} aria-label={`Neuron ${unit} of ${layer.name}: ${figure(number)}`} title={`Neuron ${unit}: ${figure(number)}`}
              style={number === null ? undefined : { background: colour(number, scale) }} onClick={() => pick(layer, unit)} />
          );
        })}
      </div>
    </div>
  );
}
