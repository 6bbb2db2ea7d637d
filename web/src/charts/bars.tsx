// Small charts beside the words: who speaks loudest to a neuron, who pushed a weight, a weight's way through training.
import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import type { Told, Trail } from "../model";
import { go } from "../state";
import { colour, figure } from "./colour";

export function Products({ told }: { told: Told }) {
  const products = told.products ?? [];
  if (!products.length) return null;
  const top = Math.max(...products.map((one) => Math.abs(one.product)), 1e-12);
  return (
    <section class="products" aria-label="What speaks loudest">
      <h3>What speaks loudest</h3>
      <div class="head" aria-hidden="true"><span>input</span><span>number · weight</span><span /><span>product</span></div>
      <ol>
        {products.map((one) => (
          <li key={one.at.join()}>
            <button onClick={() => told.kernel && go({ weight: told.kernel, spot: one.at.join(","), phase: "update" })} title="Look at this weight">
              <span class="from">input[{one.from.join(",")}]</span>
              <span class="sum">{one.number.replace("-", "−")} · {one.weight.replace("-", "−")}</span>
              <span class="bar-of"><i class={one.product < 0 ? "minus" : ""} style={{ width: `${(50 * Math.abs(one.product)) / top}%`, background: colour(one.product, top) }} /></span>
              <span class="amount">{one.product > 0 ? "+" : ""}{figure(one.product)}</span>
            </button>
          </li>
        ))}
      </ol>
      {(told.others ?? 0) > 0 && <p class="soft">and {told.others} quieter ones.</p>}
    </section>
  );
}

export function Pushes({ shares }: { shares: number[] }) {
  const top = Math.max(...shares.map(Math.abs), 1e-12);
  return (
    <figure class="pushes">
      <figcaption>Each example's push: up for a share below 0, down for one above.</figcaption>
      <ol>
        {shares.map((share, example) => (
          <li key={example}>
            <button onClick={() => go({ example })} aria-label={`Example ${example} pushes ${share < 0 ? "up" : share > 0 ? "down" : "nowhere"}: ${figure(share)}`}>
              <i class={share < 0 ? "up" : "down"} style={{ height: `${(44 * Math.abs(share)) / top}%`, background: colour(share, top) }} />
              <small>{example}</small>
            </button>
          </li>
        ))}
      </ol>
    </figure>
  );
}

export function Spark({ trail, here }: { trail: Trail; here: number }) {
  const low = Math.min(...trail.values), high = Math.max(...trail.values);
  const x = scaleLinear([trail.steps[0]!, trail.steps.at(-1)!], [4, 296]);
  const y = scaleLinear([low, high === low ? low + 1 : high], [52, 6]);
  const path = line<number>((_, place) => x(trail.steps[place]!), (value) => y(value))(trail.values) ?? "";
  return (
    <figure class="spark">
      <figcaption>This weight through training: from {figure(trail.values[0])} to {figure(trail.values.at(-1))}</figcaption>
      <svg viewBox="0 0 300 60" role="img" aria-label={`From ${figure(trail.values[0])} to ${figure(trail.values.at(-1))}`}>
        {low < 0 && high > 0 && <line x1="0" x2="300" y1={y(0)} y2={y(0)} stroke="var(--line-strong)" />}
        <path d={path} fill="none" stroke="var(--positive)" stroke-width="2" />
        <line x1={x(here)} x2={x(here)} y1="0" y2="60" stroke="var(--negative)" stroke-width="1.5" />
      </svg>
    </figure>
  );
}
