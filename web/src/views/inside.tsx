// Look inside: a moment of training, opened. Time above, the network in the middle, the chosen thing beside it, and the
// words below.
import { useEffect, useRef, useState } from "preact/hooks";
import { Card } from "../app";
import { PHASES, type Phase, type Step } from "../model";
import { ask, at, go, place, question, run, source } from "../state";
import { Detail } from "./detail";
import { Example, Verdict } from "./examples";
import { helpIsOpen } from "./help";
import { Network } from "./network";
import { Same } from "./same";
import { move, playing, Timeline } from "./timeline";
import { Telling, partOf } from "./telling";

const TITLES: Record<Phase, [string, string]> = {
  forward: ["Forward", "signals run to the answer"], loss: ["Loss", "how wrong it was"],
  backward: ["Backward", "the blame runs back"], update: ["Update", "the weights move"],
};
const DEPTHS: [1 | 2 | 3, string][] = [[1, "Plain words"], [2, "With formulas"], [3, "With code"]];

export function Inside() {
  const now = place.value;
  const [step, setStep] = useState<Step | null>(null);
  const [refused, setRefused] = useState("");
  const moment = at.value;
  const name = run.value?.name;
  useEffect(() => {
    let wanted = true;
    if (moment === null || !name) return;
    void ask<Step>(question("step", { at: moment, example: now.example, depth: now.depth })).then(
      (found) => { if (wanted) { setStep(found); setRefused(""); } },
      (error: Error) => { if (wanted) setRefused(error.message); },
    );
    return () => { wanted = false; };
  }, [moment, now.example, now.depth, name]);
  useKeys(step);
  if (!run.value || moment === null) {
    return <><h1>Look inside</h1><Card><p class="lead">{run.value ? "Nothing was recorded yet. The first look comes with the first step." : "No run yet."}</p></Card></>;
  }
  return (
    <>
      <div class="inside-head">
        <h1>Look inside</h1>
        <div class="choice" role="group" aria-label="How much is told">
          {DEPTHS.filter(([depth]) => depth < 3 || source.kind !== "report").map(([depth, words]) => <button key={depth} aria-pressed={depth === now.depth} onClick={() => go({ depth })}>{words}</button>)}
        </div>
      </div>
      <Timeline />
      {refused && <p class="trouble" role="alert">{refused}</p>}
      {step && (
        <>
          <Phases />
          <div class="panes">
            <Card class="map-card">
              <Examples step={step} />
              <Network step={step} />
            </Card>
            <Detail step={step} />
          </div>
          <Card class="narration">
            <div aria-live={playing.value ? "off" : "polite"}>
              <Telling part={partOf(step.told, now.phase)} />
            </div>
          </Card>
        </>
      )}
      <Same words={run.value.same["inside"]} />
    </>
  );
}

function Phases() {
  const now = place.value.phase;
  return (
    <div class="phases" role="group" aria-label="Parts of a training step">
      {PHASES.map((phase, number) => (
        <button key={phase} aria-pressed={phase === now} onClick={() => go({ phase })}>
          <span class="number" aria-hidden="true">{number + 1}</span>
          <b>{TITLES[phase][0]}</b><small>{TITLES[phase][1]}</small>
        </button>
      ))}
    </div>
  );
}

function Examples({ step }: { step: Step }) {
  return (
    <div class="examples" role="group" aria-label="Examples of the probe">
      {step.shows.map((shows, index) => {
        const guess = step.guesses[index];
        return (
          <button key={index} aria-pressed={index === step.example} onClick={() => go({ example: index })} aria-label={`Example ${index}. ${guess?.says ?? ""}`}>
            <Example shows={shows} guess={guess} index={index} size={44} />
            {guess && <Verdict guess={guess} />}
          </button>
        );
      })}
    </div>
  );
}

/** Keys that work anywhere on the screen but in fields. */
function useKeys(step: Step | null) {
  const latest = useRef(step);
  latest.current = step;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.composedPath()[0] as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
      if (event.key >= "1" && event.key <= "4") go({ phase: PHASES[Number(event.key) - 1]! });
      else if (event.key === ".") move(1);
      else if (event.key === ",") move(-1);
      else if (event.key === "?") helpIsOpen.value = !helpIsOpen.value;
      else if (event.key === " " && target.tagName !== "BUTTON" && target.tagName !== "SUMMARY") playing.value = !playing.value;
      else if (event.key === "Escape") back();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}

/** One level out: weight, neuron, layer, network. */
export function back(): void {
  const now = place.value;
  if (now.weight) go({ weight: "", spot: "" });
  else if (now.neuron !== null) go({ neuron: null });
  else if (now.layer) go({ layer: "", call: 0 });
}
