// What could mislead it, the most harmful first; each with its photos and what can be done.
import { useEffect, useState } from "preact/hooks";
import { Card } from "../app";
import type { Checked } from "../model";
import { go, trouble } from "../state";
import { lookOf, server } from "./photos";

export function Check() {
  const [found, setFound] = useState<Checked | null>(null);
  const look = () => {
    void server().get<Checked>("/api/photos/check").then(setFound, (error: Error) => { trouble.value = error.message; });
  };
  useEffect(look, []);
  const out = async (photo: string) => {
    try {
      await server().post("/api/photos/leave-out", JSON.stringify({ photo }));
    } catch (error) {
      trouble.value = (error as Error).message;
    }
    look();
  };
  const [fine, setFine] = useState<string[]>([]);
  return (
    <>
      <h1>Check</h1>
      {!found && <p class="lead" role="status">Looking at every photo …</p>}
      {found && <p class="lead" role="status">{found.says}</p>}
      <div class="grid cards">
        {found?.cards.filter((card) => !fine.includes(card.code)).map((card) => (
          <Card key={card.code} title={card.title} aside={<button onClick={() => setFine([...fine, card.code])}>It's fine</button>}>
            <p>{card.says}</p>
            {card.groups.map((group, number) => (
              <ul class="pair" key={number}>
                {group.map((photo) => (
                  <li key={photo}>
                    <img src={lookOf(photo)} alt={photo} width="96" height="96" loading="lazy" />
                    <small>{photo}</small>
                    <button onClick={() => void out(photo)}>Leave out</button>
                  </li>
                ))}
              </ul>
            ))}
            {card.lines.length > 0 && <ul class="reasons">{card.lines.map((line) => <li key={line}>{line}</li>)}</ul>}
          </Card>
        ))}
      </div>
      {found?.is_ready && <button class="main" onClick={() => go({ screen: "train" })}>Go on to training</button>}
    </>
  );
}
