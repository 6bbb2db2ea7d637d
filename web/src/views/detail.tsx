// The chosen thing: a layer, a neuron, a weight; what it did in this phase, with its numbers.
import { useEffect, useState } from "preact/hooks";
import { Card } from "../app";
import { Maps } from "../charts/maps";
import { Products, Pushes, Spark } from "../charts/bars";
import type { Check, Step, Told, Trail } from "../model";
import { ask, at, go, place, question, source } from "../state";
import { back } from "./inside";
import { partsOf, phaseOf, Telling } from "./telling";

export function Detail({ step }: { step: Step }) {
  const now = place.value;
  const [told, setTold] = useState<Told | null>(null);
  const asked = questionOf();
  useEffect(() => {
    let wanted = true;
    if (!asked) { setTold(null); return; }
    void ask<Told>(asked).then((found) => { if (wanted) setTold(found); }, (error: Error) => {
      if (wanted) setTold({ place: "layer", title: "Not to be seen here", parts: [{ heading: "", sentences: [error.message], table: [], equations: [], lines: [] }] });
    });
    return () => { wanted = false; };
  }, [asked]);
  if (!asked || !told) {
    return (
      <Card class="detail" title="Choose a layer or a neuron">
        <p>Each column is a layer, each mark a neuron. Choose one: here stands what it did, with its own numbers.</p>
        <Weights step={step} />
      </Card>
    );
  }
  return (
    <Card class="detail" title={told.title} aside={<button class="quiet" onClick={back}>Back <kbd>Esc</kbd></button>}>
      <Crumbs />
      <div aria-live="polite">
        {partsOf(told, now.phase).map((part, number) => (
          // Of a neuron's inputs the bars below tell more than their table.
          <Telling key={number} part={told.place === "neuron" && phaseOf(part) === "forward" ? { ...part, table: [] } : part} />
        ))}
      </div>
      {told.maps && told.maps.length > 0 && (now.phase === "forward" || source.kind !== "report") && <Maps maps={told.maps} />}
      {told.place === "neuron" && now.phase === "forward" && <Products told={told} />}
      {told.place === "weight" && <Weight told={told} />}
    </Card>
  );
}

function questionOf(): string {
  const now = place.value, moment = at.value;
  if (now.weight) return question("weight", { at: moment, weight: now.weight, place: now.spot, depth: now.depth });
  const here = { at: moment, layer: now.layer, call: now.call, example: now.example, depth: now.depth };
  if (now.layer && now.neuron !== null) return question("neuron", { ...here, neuron: now.neuron });
  if (now.layer) return question("layer", { ...here, phase: now.phase });
  return "";
}

function Crumbs() {
  const now = place.value;
  return (
    <nav class="crumbs" aria-label="Where you are">
      <button class="quiet" onClick={() => go({ layer: "", neuron: null, weight: "" })}>Network</button>
      {now.layer && <button class="quiet" onClick={() => go({ neuron: null, weight: "" })}>{now.layer}</button>}
      {now.layer && now.neuron !== null && <button class="quiet" onClick={() => go({ weight: "" })}>neuron {now.neuron}</button>}
      {now.weight && <span>{now.weight}{now.spot ? `[${now.spot}]` : ""}</span>}
    </nav>
  );
}

function Weights({ step }: { step: Step }) {
  const learning = step.weights.filter((weight) => weight.learns);
  return (
    <details>
      <summary>{learning.length} weights learn</summary>
      <ul class="plain">
        {learning.map((weight) => (
          <li key={weight.name}><button class="quiet" onClick={() => go({ weight: weight.name, spot: "", phase: "update" })}>{weight.name}</button> <span class="soft">{weight.shape.join(" × ")}</span></li>
        ))}
      </ul>
    </details>
  );
}

function Weight({ told }: { told: Told }) {
  const spot = (told.at ?? []).join(",");
  const [trail, setTrail] = useState<Trail | null>(null);
  const [check, setCheck] = useState<Check | string | null>(null);
  const moment = at.value;
  useEffect(() => {
    let wanted = true;
    setCheck(null);
    void ask<Trail>(question("trail", { weight: told.name, place: spot })).then((found) => { if (wanted) setTrail(found); }, () => { if (wanted) setTrail(null); });
    return () => { wanted = false; };
  }, [told.name, spot]);
  const nudge = () => ask<Check>(question("check", { at: moment, weight: told.name, place: spot })).then(setCheck, (error: Error) => setCheck(error.message));
  return (
    <>
      {told.pushes && <Pushes shares={told.pushes} />}
      {trail && trail.steps.length > 1 && <Spark trail={trail} here={moment ?? 0} />}
      {told.pushes && <button onClick={nudge}>Check this gradient</button>}
      {check && <p role="status" class={typeof check === "object" && check.agrees ? "agrees" : ""}>{typeof check === "string" ? check : check.says}</p>}
    </>
  );
}
