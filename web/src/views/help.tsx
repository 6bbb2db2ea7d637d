// The legend for everything on the screen.
import { signal } from "@preact/signals";

export const helpIsOpen = signal(false);

const TERMS: [string, string][] = [
  ["Neuron", "A small sum: each input times its own weight, all added up. A gate decides what it sends on."],
  ["Weight", "How strongly one number counts for a neuron. Learning changes the weights, and nothing else."],
  ["Layer", "Neurons that all look at the same numbers. Layers work one after the other."],
  ["Forward", "Signals run from the data through the layers to the answer."],
  ["Loss", "One number for how wrong the answers are. Training makes it smaller."],
  ["Backward", "The error runs back: each number learns its share of the blame, its gradient."],
  ["Update", "Every weight moves a little, against its gradient."],
  ["Epoch", "One pass over all examples."],
  ["Sure", "Only one class is as probable as the true class of 95 in 100 photos held out. Otherwise: not sure."],
  ["Unlike", "Further from all photos it learned from than 95 in 100 photos held out, in what the last layer sees."],
  ["Why", "Each part of a photo is credited with what it does for the answer, in percentage points."],
  ["Weights shuffled", "The same map of a network that has learned nothing. If it looks alike, the map tells nothing."],
  ["Probe", "The few examples whose way through the network is recorded, the same ones each time."],
];

const KEYS: [string, string][] = [
  ["← →", "another layer"], ["↑ ↓", "another neuron"], ["Enter", "look into it"], ["Esc", "back out"],
  ["1 2 3 4", "Forward, Loss, Backward, Update"], [", .", "one recorded moment back or on"], ["Space", "play or pause"],
  ["?", "this list"],
];

export function Help() {
  return (
    <section class="card legend" aria-label="What is what">
      <header><h2>What is what</h2><button class="quiet" onClick={() => { helpIsOpen.value = false; }}>Close</button></header>
      <div class="columns">
        <dl>{TERMS.map(([term, says]) => <div key={term}><dt>{term}</dt><dd>{says}</dd></div>)}</dl>
        <div>
          <h3>Colours</h3>
          <p class="swatches">
            <span><i class="swatch negative" />− negative, dashed lines</span>
            <span><i class="swatch zero" />zero</span>
            <span><i class="swatch positive" />+ positive, solid lines</span>
          </p>
          <p>The stronger the colour, the larger the number. Each layer has its own scale; it stands below the layer.</p>
          <h3>Keys</h3>
          <dl class="keys">{KEYS.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>
        </div>
      </div>
    </section>
  );
}
