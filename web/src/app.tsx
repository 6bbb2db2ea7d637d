// The frame: the rail of steps, the run that is looked at, and the screen.
import type { ComponentChildren } from "preact";
import { go, home, place, run, source, trouble, type Screen } from "./state";
import { Check } from "./views/check";
import { Help, helpIsOpen } from "./views/help";
import { Inside } from "./views/inside";
import { Photos } from "./views/photos";
import { Results } from "./views/results";
import { Train } from "./views/train";
import { Use } from "./views/use";

const SCREENS: { screen: Screen; title: string; about: string }[] = [
  { screen: "photos", title: "Photos", about: "what it will learn from" },
  { screen: "check", title: "Check", about: "what could mislead it" },
  { screen: "train", title: "Train", about: "watch it learn" },
  { screen: "inside", title: "Look inside", about: "every number, in words" },
  { screen: "results", title: "Results", about: "how good, how sure" },
  { screen: "use", title: "Use it", about: "try it, take it along" },
];

function offered(screen: Screen): boolean {
  const canTrain = home.value.can_train;
  const isOfPhotos = Boolean(run.value?.data);
  if (screen === "photos" || screen === "check") return canTrain;
  if (screen === "results") return canTrain || isOfPhotos;
  if (screen === "use") return source.kind === "server" && (canTrain || isOfPhotos);
  return true;
}

export function App() {
  const now = place.value.screen;
  const screens = SCREENS.filter(({ screen }) => offered(screen));
  const shown = screens.some(({ screen }) => screen === now) ? now : "train";
  return (
    <div class="page">
      <a class="skip" href="#screen" onClick={(event) => { event.preventDefault(); focusScreen(); }}>Skip to the screen</a>
      <header class="rail">
        <div class="brand"><Apple /> <span>Pippin</span></div>
        <nav aria-label="Steps">
          <ol>
            {screens.map(({ screen, title, about }, number) => (
              <li key={screen}>
                <button class="step" aria-current={screen === shown ? "step" : undefined} onClick={() => { go({ screen }); focusScreen(); }}>
                  <span class={`dot ${dotOf(screen)}`} aria-hidden="true">{number + 1}</span>
                  <span><b>{title}</b><small>{about}</small></span>
                </button>
              </li>
            ))}
          </ol>
        </nav>
        <Runs />
        <button class="quiet help" onClick={() => { helpIsOpen.value = !helpIsOpen.value; }} aria-expanded={helpIsOpen.value}>
          <kbd>?</kbd> What is what
        </button>
      </header>
      <main id="screen" tabIndex={-1}>
        {trouble.value && <p class="trouble" role="alert">{trouble.value}</p>}
        {helpIsOpen.value && <Help />}
        {shown === "photos" && <Photos />}
        {shown === "check" && <Check />}
        {shown === "train" && <Train />}
        {shown === "inside" && <Inside />}
        {shown === "results" && <Results />}
        {shown === "use" && <Use />}
      </main>
    </div>
  );
}

function focusScreen() {
  requestAnimationFrame(() => document.getElementById("screen")?.focus({ preventScroll: false }));
}

function dotOf(screen: Screen): string {
  const state = run.value?.state;
  if (screen === "train" && state === "running") return "busy";
  if (screen === "train" && state === "ended") return "done";
  if (screen === "results" && run.value?.result) return "done";
  return "";
}

function Runs() {
  const { runs } = home.value;
  if (runs.length < 2) return run.value ? <p class="run-name" title={run.value.path}>{run.value.name}</p> : null;
  return (
    <label class="runs">Run
      <select value={run.value?.name} onChange={(event) => go({ run: event.currentTarget.value, at: null, layer: "", neuron: null, weight: "" })}>
        {runs.map((name) => <option key={name} value={name}>{name}</option>)}
      </select>
    </label>
  );
}

function Apple() {
  return (
    <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
      <path d="M12 7c-2-2-8-2-8 5 0 5 4 9 6 9 1 0 1-.6 2-.6s1 .6 2 .6c2 0 6-4 6-9 0-7-6-7-8-5Z" fill="var(--negative)" />
      <path d="M12 7c0-3 1-5 4-5" fill="none" stroke="var(--accent)" stroke-width="2" stroke-linecap="round" />
    </svg>
  );
}

export function Card({ title, aside, children, class: name = "" }: {
  title?: string; aside?: ComponentChildren; children: ComponentChildren; class?: string;
}) {
  return (
    <section class={`card ${name}`}>
      {(title || aside) && <header><h2>{title}</h2>{aside}</header>}
      {children}
    </section>
  );
}
