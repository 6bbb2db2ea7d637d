// The probe's examples: a picture or its numbers, the truth and the guess.
import type { Guess, Shown } from "../model";
import { colour, figure } from "../charts/colour";

export function Example({ shows, guess, index, size = 72 }: { shows: Shown | undefined; guess: Guess | undefined; index: number; size?: number }) {
  return (
    <span class="example-look" style={{ width: `${size}px` }}>
      {shows?.picture
        ? <img src={shows.picture} alt={`Example ${index}${guess?.truth ? `: ${guess.truth}` : ""}`} width={size} height={size} />
        : <Bars numbers={shows?.numbers ?? []} size={size} index={index} />}
    </span>
  );
}

function Bars({ numbers, size, index }: { numbers: (number | null)[]; size: number; index: number }) {
  const few = numbers.slice(0, 32);
  const top = Math.max(1e-9, ...few.map((number) => Math.abs(number ?? 0)));
  const wide = size / Math.max(few.length, 1);
  const hasSigns = few.some((number) => (number ?? 0) < 0);
  const middle = hasSigns ? size / 2 : size - 2;
  return (
    <svg width={size} height={size} role="img" aria-label={`Example ${index}: ${numbers.length} numbers`}>
      {few.map((number, place) => {
        const tall = (Math.abs(number ?? 0) / top) * (hasSigns ? size / 2 - 2 : size - 4);
        return <rect key={place} x={place * wide + 0.5} width={Math.max(1, wide - 1)} y={(number ?? 0) < 0 ? middle : middle - tall} height={Math.max(1, tall)} fill={colour(number ?? 0, top)} stroke="var(--line-strong)" stroke-width="0.4"><title>{figure(number)}</title></rect>;
      })}
    </svg>
  );
}

export function Verdict({ guess }: { guess: Guess }) {
  if (guess.right === null) return <span class="verdict">{guess.answer}</span>;
  return (
    <span class={`verdict ${guess.right ? "right" : "wrong"}`}>
      <span aria-hidden="true">{guess.right ? "✓" : "✗"}</span> {guess.said}
      {guess.probability !== null && <small> {Math.round(100 * guess.probability)}{"\u00a0"}%</small>}
    </span>
  );
}
