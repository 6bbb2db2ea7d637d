// The network from left to right: a column for each layer, a mark for each neuron, its colour the number of the phase.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { colour, figure, isDark } from "../charts/colour";
import type { Layer, Phase, Step } from "../model";
import { go, place } from "../state";
import { Edges } from "./edges";
import { Grid } from "./neurons";

export const WORDS: Record<Phase, string> = {
  forward: "what each sends on", loss: "what each sends on", backward: "the blame that arrives", update: "how far its weights move",
};

export function numbersOf(layer: Layer, phase: Phase): { values: number[] | null; scale: number } {
  const word = phase === "loss" ? "forward" : phase;
  return { values: layer.values[word], scale: layer.scales[word] ?? 0 };
}

/** The neuron's number; null where it was not computed. */
export function numberOf(layer: Layer, unit: number, phase: Phase): number | null {
  const row = layer.indexes ? layer.indexes.indexOf(unit) : unit;
  return numbersOf(layer, phase).values?.[row] ?? null;
}

export function Network({ step }: { step: Step }) {
  const now = place.value;
  const box = useRef<HTMLDivElement>(null);
  const chosen = step.layers.findIndex((layer) => layer.name === now.layer && layer.call === now.call);
  useEffect(() => {
    box.current?.querySelector(".column.chosen")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [now.layer]);
  const moved = (event: KeyboardEvent) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = step.layers[Math.min(step.layers.length - 1, Math.max(0, chosen + by))];
    if (next) choose(next);
    event.preventDefault();
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(".column.chosen .name")?.focus());
  };
  return (
    <div class="network" ref={box} onKeyDown={moved} role="group" aria-label={`The network: ${WORDS[now.phase]}. Arrow keys move between layers and neurons.`}>
      <p class="soft caption">Colour: {WORDS[now.phase]}. Blue is positive, orange negative, deeper is larger.</p>
      <div class="columns-of-layers" tabIndex={0} role="region" aria-label="Layers, from the data to the answer">
        <Edges step={step} chosen={chosen} />
        {step.layers.map((layer, number) => (
          <Column key={`${layer.name} ${layer.call}`} layer={layer} isChosen={number === chosen} isReachable={number === (chosen < 0 ? 0 : chosen)} />
        ))}
      </div>
    </div>
  );
}

function choose(layer: Layer) {
  go({ layer: layer.name, call: layer.call, neuron: null, weight: "", spot: "" });
}

function Column({ layer, isChosen, isReachable }: { layer: Layer; isChosen: boolean; isReachable: boolean }) {
  const { phase } = place.value;
  const { values, scale } = numbersOf(layer, phase);
  const dark = isDark.value;
  const legend = useMemo(() => (scale ? `linear-gradient(90deg, ${colour(-scale, scale)}, ${colour(0, scale)}, ${colour(scale, scale)})` : undefined), [scale, dark]);
  return (
    <div class={`column ${isChosen ? "chosen" : ""}`} data-layer={`${layer.name} ${layer.call}`}>
      <button class="name" aria-pressed={isChosen} tabIndex={isReachable ? 0 : -1} onClick={() => choose(layer)}>
        <b>{layer.name}</b><small>{layer.kind}</small>
      </button>
      <Grid layer={layer} />
      <p class="under">
        <span>{layer.shape.join(" × ") || "1"}</span>
        {values ? <span class="scale" style={{ "--ramp": legend }}>±{figure(scale)}</span> : <span class="none">not computed</span>}
      </p>
    </div>
  );
}
