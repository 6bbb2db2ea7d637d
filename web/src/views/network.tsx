// The network from left to right: a column for each layer, a mark for each neuron, its colour the number of the phase.
import { useEffect, useMemo, useRef } from "preact/hooks";
import { colour, figure, isDark } from "../charts/colour";
import type { Layer, Phase, Step } from "../model";
import { go, place } from "../state";
import { Edges } from "./edges";
import { FEW, Grid } from "./neurons";

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
        <Input step={step} />
        {step.layers.map((layer, number) => (
          <Column key={`${layer.name} ${layer.call}`} layer={layer} isChosen={number === chosen} isReachable={number === (chosen < 0 ? 0 : chosen)} />
        ))}
      </div>
    </div>
  );
}

/** What comes in, before the first layer: a picture, or a mark for each number. */
function Input({ step }: { step: Step }) {
  const shows = step.shows[step.example];
  const numbers = shows?.numbers ?? [];
  const scale = Math.max(...numbers.map((number) => Math.abs(number ?? 0)), 1e-9);
  return (
    <div class="column input">
      <p class="name"><b>input</b><small>example {step.example}</small></p>
      {shows?.picture
        ? <div class="neurons none"><img src={shows.picture} alt={`Example ${step.example}`} width="76" height="76" /></div>
        : (
          <div class={`neurons ${numbers.length > 16 ? "tight" : ""}`}>
            {numbers.slice(0, FEW).map((number, unit) => (
              <span key={unit} class={`neuron ${(number ?? 0) < 0 ? "minus" : ""}`} data-unit={unit} title={`input[${unit}]: ${figure(number)}`} style={{ background: colour(number ?? 0, scale) }} />
            ))}
            {numbers.length > FEW && <small class="soft">and {(shows?.shape ?? []).reduce((all, size) => all * size, 1) - FEW} more</small>}
          </div>
        )}
      <p class="under"><span>{shows?.shape?.join(" × ") ?? "picture"}</span>{!shows?.picture && <span>up to {figure(scale)}</span>}</p>
    </div>
  );
}

/** "RandomTranslation" and "normalize_1", to be broken between their parts. */
function inParts(kind: string): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])|(?<=[_/])/g, "\u200b");
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
        <b>{inParts(layer.name)}</b><small>{inParts(layer.kind)}</small>
      </button>
      <Grid layer={layer} />
      <p class="under">
        <span>{layer.shape.join(" × ") || "1"}</span>
        {values ? <span class="scale" style={{ "--ramp": legend }}>±{figure(scale)}</span> : <span class="none">not computed</span>}
      </p>
    </div>
  );
}
