// Orange for negative, blue for positive, deeper for larger; one scale, symmetric about 0.
import { scaleLinear } from "d3-scale";
import { signal } from "@preact/signals";

const dark = matchMedia("(prefers-color-scheme: dark)");
export const isDark = signal(dark.matches);
dark.addEventListener("change", () => { isDark.value = dark.matches; });

const LIGHT = ["#B4540A", "#F5F5F2", "#1F6FB4"];
const DARK = ["#F0A04B", "#2A2E35", "#5AA9E6"];

const scales = [LIGHT, DARK].map((ends) => scaleLinear<string>().domain([-1, 0, 1]).range(ends).clamp(true));

/** The colour of a number when `size` is drawn in full. */
export function colour(number: number, size: number): string {
  const share = size > 0 ? number / size : 0;
  // Small numbers are seen too: the square root lifts them.
  return scales[isDark.value ? 1 : 0]!(Math.sign(share) * Math.sqrt(Math.abs(share)));
}

/** Black or white, whichever can be read on it. */
export function onColour(number: number, size: number): string {
  const share = size > 0 ? Math.sqrt(Math.abs(number / size)) : 0;
  if (isDark.value) return share > 0.45 ? "#14171b" : "#eceae4";
  return share > 0.62 ? "#ffffff" : "#1d2125";
}

export function figure(number: number | null | undefined): string {
  if (number === null || number === undefined || !Number.isFinite(number)) return "not computed";
  if (number === 0) return "0";
  const text = Math.abs(number) >= 1e-4 && Math.abs(number) < 1e6 ? String(Number(number.toPrecision(4))) : number.toExponential(1);
  return text.replace("-", "−");
}

export const OKABE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#8a7d00", "#555555"];
