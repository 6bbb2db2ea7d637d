// A run while it goes on, and afterwards: curves, guesses, findings.
import { useEffect, useState } from "preact/hooks";
import { Card } from "../app";
import { Curve, names } from "../charts/curve";
import type { Finding, Now, Run } from "../model";
import { ask, go, home, run, source } from "../state";
import { Example, Verdict } from "./examples";
import { Same } from "./same";
import { Start, StopButton } from "./start";

export function Train() {
  const now = run.value;
  return (
    <>
      <h1>Train</h1>
      {home.value.can_train && <Start />}
      {now ? <Going run={now} /> : !home.value.can_train && <Waiting />}
    </>
  );
}

function Waiting() {
  const { script } = home.value;
  return (
    <Card>
      <p class="lead">{script?.is_running ? "The script is running. Its first fit appears here." : script ? "The script ended without a fit to show." : "No run yet."}</p>
    </Card>
  );
}

function Going({ run }: { run: Run }) {
  const [name, setName] = useState("loss");
  const figures = names(run);
  const shown = figures.includes(name) ? name : figures[0];
  return (
    <>
      <div class="status">
        <span class={`pill ${run.state}`}>{{ running: "Learning", ended: "Done", stopped: "Stopped", waiting: "Waiting" }[run.state]}</span>
        <p aria-live="polite" class="lead">{run.says}</p>
        {run.state === "running" && <StopButton />}
      </div>
      <Progress run={run} />
      <div class="grid">
        {shown && (
          <Card class="wide" title="How wrong it is, epoch after epoch" aside={figures.length > 1 && (
            <div class="choice" role="group" aria-label="Which figure">
              {figures.slice(0, 4).map((one) => <button key={one} aria-pressed={one === shown} onClick={() => setName(one)}>{one}</button>)}
            </div>
          )}>
            <Curve run={run} name={shown} />
          </Card>
        )}
        <Guesses run={run} />
        <Findings findings={run.findings} />
        <Network run={run} />
      </div>
      <Same words={run.same["train"]} />
    </>
  );
}

function Progress({ run }: { run: Run }) {
  const { progress, model } = run;
  if (run.state !== "running" || !model?.epochs) return null;
  const done = run.curves.epoch.at(-1) ?? 0;
  const part = progress && model.steps ? Math.min(1, progress.step / model.steps) : 0;
  const share = Math.min(1, (Math.max(done, (progress?.epoch ?? 1) - 1) + part) / model.epochs);
  return <progress class="bar" value={share} max={1} aria-label={`Epoch ${done} of ${model.epochs}`} />;
}

function Guesses({ run }: { run: Run }) {
  const [now, setNow] = useState<Now | null>(null);
  const newest = run.looks.at(-1)?.step;
  useEffect(() => {
    let wanted = true;
    if (newest !== undefined) void ask<Now>("now?").then((found) => { if (wanted) setNow(found); }, () => undefined);
    return () => { wanted = false; };
  }, [newest, run.name]);
  if (!now?.guesses.length) return null;
  const judged = now.guesses.filter((guess) => guess.right !== null);
  const right = judged.filter((guess) => guess.right).length;
  return (
    <Card title="What it says now" aside={judged.length > 0 && <span class="soft">{right} of {judged.length} right</span>}>
      <ul class="guesses">
        {now.guesses.map((guess, index) => (
          <li key={index}>
            <button onClick={() => go({ screen: "inside", example: index, at: null })} title={`${guess.says} Look inside.`}>
              <Example shows={now.shows[index]} guess={guess} index={index} />
              <Verdict guess={guess} />
            </button>
          </li>
        ))}
      </ul>
      <p class="soft">The same {now.guesses.length} examples each time, after step {now.step}. Choose one to look inside.</p>
    </Card>
  );
}

export function Findings({ findings }: { findings: Finding[] }) {
  if (!findings.length) return null;
  return (
    <Card title="Worth knowing">
      <ul class="findings">
        {findings.map((finding, index) => (
          <li key={index}>
            <p>{finding.code && <code>{finding.code}</code>} {finding.message}</p>
            {(finding.because ?? finding.cause) && <p class="soft">{finding.because ?? finding.cause}</p>}
            {finding.fix ? <p><b>What to do:</b> {fixOf(finding.fix)}</p> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function fixOf(fix: unknown): string {
  if (typeof fix === "string") return fix;
  if (fix && typeof fix === "object" && "text" in fix) return String(fix.text);
  return Array.isArray(fix) ? fix.map(fixOf).join(" ") : "";
}

function Network({ run }: { run: Run }) {
  const model = run.model;
  if (!model?.layers.length) return null;
  return (
    <Card title="The network">
      <ol class="layers">
        {model.layers.map((layer) => (
          <li key={layer.name}>
            <button onClick={() => go({ screen: "inside", layer: layer.name, call: 0, neuron: null, weight: "" })}>
              <b>{layer.name}</b> <span class="soft">{layer.kind}</span>
              <span class="shape">{layer.output.join(" × ") || "1"}</span>
            </button>
          </li>
        ))}
      </ol>
      <p class="soft">{model.optimizer} moves the weights.{run.cost !== null && source.kind === "server" ? ` Recording took ${(100 * run.cost).toFixed(1)} % of the time.` : ""}</p>
    </Card>
  );
}
