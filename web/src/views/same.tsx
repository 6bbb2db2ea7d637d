// The same thing as a command and as Python, to copy.
import { useState } from "preact/hooks";
import type { Same as Words } from "../model";

export function Same({ words }: { words: Words | undefined }) {
  if (!words) return null;
  return (
    <details class="same">
      <summary>The same as a command, and as Python</summary>
      <Code text={words.command} what="command" />
      <Code text={words.python} what="Python" />
    </details>
  );
}

function Code({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      setTimeout(() => setCopied(false), 1500);
    } catch { /* The text can still be marked and copied. */ }
  };
  return (
    <div class="code">
      <pre tabIndex={0} aria-label={`The ${what}`}>{text}</pre>
      <button class="quiet" onClick={copy}>{copied ? "Copied" : `Copy ${what}`}</button>
    </div>
  );
}
