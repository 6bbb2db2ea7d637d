// The recorded moments of a run on its loss curve: drag, step, or play.
import { signal } from "@preact/signals";
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { useEffect } from "preact/hooks";
import type { Look } from "../model";
import { figure } from "../charts/colour";
import { at, go, place, run } from "../state";

export const playing = signal(false);

/** Go a number of recorded moments on or back. */
export function move(by: number): void {
  const looks = run.value?.looks ?? [];
  const here = looks.findIndex((look) => look.step === at.value);
  const next = Math.min(looks.length - 1, Math.max(0, here + by));
  if (looks[next]) go({ at: looks[next].step }, true);
}

const WIDE = 1000, TALL = 64;

export function Timeline() {
  const looks = run.value?.looks ?? [];
  const here = Math.max(0, looks.findIndex((look) => look.step === at.value));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  useEffect(() => {
    if (!playing.value) return;
    const timer = setInterval(() => {
      const all = run.value?.looks ?? [];
      if (all.at(-1)?.step === at.value) { playing.value = false; return; }
      move(1);
    }, still ? 1500 : 600);
    return () => clearInterval(timer);
  }, [playing.value]);
  if (!looks.length) return null;
  const look = looks[here]!;
  const start = () => {
    if (!playing.value && here === looks.length - 1) go({ at: looks[0]!.step }, true);
    playing.value = !playing.value;
  };
  return (
    <section class="timeline" aria-label="Time">
      <div class="buttons">
        <button onClick={() => move(-1)} aria-label="One recorded moment back" disabled={here === 0}>‹</button>
        <button class="play" onClick={start}>{playing.value ? "Pause" : "Play"}</button>
        <button onClick={() => move(1)} aria-label="One recorded moment on" disabled={here === looks.length - 1}>›</button>
      </div>
      <div class="track">
        <Loss looks={looks} here={here} />
        <input
          type="range" min={0} max={Math.max(1, looks.length - 1)} value={here} aria-label="Moment of training"
          aria-valuetext={words(look)} disabled={looks.length < 2}
          onInput={(event) => go({ at: looks[Number(event.currentTarget.value)]?.step ?? null }, true)}
        />
      </div>
      <p class="when"><b>Step {look.step}</b> <span class="soft">{look.epoch === null ? "" : `epoch ${figure(look.epoch)}, `}loss of these examples {figure(look.loss)}</span>
        {run.value?.state === "running" && place.value.at !== null && <button class="quiet" onClick={() => go({ at: null })}>Go to now</button>}
      </p>
    </section>
  );
}

function words(look: Look): string {
  return `step ${look.step}, loss ${figure(look.loss)}`;
}

function Loss({ looks, here }: { looks: Look[]; here: number }) {
  const known = looks.map((look, place) => ({ place, loss: look.loss })).filter((one) => one.loss !== null);
  const top = Math.max(...known.map((one) => one.loss!), 1e-9), low = Math.min(...known.map((one) => one.loss!), top * 0.999);
  const x = scaleLinear([0, Math.max(1, looks.length - 1)], [8, WIDE - 8]);
  const y = scaleLinear([low, top], [TALL - 6, 6]);
  const path = line<(typeof known)[number]>((one) => x(one.place), (one) => y(one.loss!))(known) ?? "";
  return (
    <svg viewBox={`0 0 ${WIDE} ${TALL}`} preserveAspectRatio="none" aria-hidden="true">
      <path d={`${path}L${x(known.at(-1)?.place ?? 0)},${TALL}L${x(0)},${TALL}Z`} fill="var(--wash)" />
      <path d={path} fill="none" stroke="var(--positive)" stroke-width="2" vector-effect="non-scaling-stroke" />
      <line x1={x(here)} x2={x(here)} y1="0" y2={TALL} stroke="var(--negative)" stroke-width="2" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
