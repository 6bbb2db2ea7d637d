// The webcam: hold the button, and photos are taken for as long.
import { useEffect, useRef, useState } from "preact/hooks";
import { add } from "./photos";

const BETWEEN = 250, SIDE = 320;

export function Camera({ label, onPhoto, once }: { label?: string; onPhoto?: (photo: Blob) => void; once?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  const timer = useRef(0);
  const [refused, setRefused] = useState("");
  const [count, setCount] = useState(0);
  useEffect(() => {
    let stream: MediaStream | null = null, ended = false;
    const begin = navigator.mediaDevices?.getUserMedia({ video: { width: 640, height: 480 }, audio: false });
    if (!begin) { setRefused("This browser gives no webcam to the page."); return; }
    begin.then((found) => {
      stream = found;
      if (ended) found.getTracks().forEach((track) => track.stop());
      else if (video.current) video.current.srcObject = found;
    }, () => setRefused("The webcam can't be used: it isn't there, or the browser was told not to allow it."));
    return () => { ended = true; stream?.getTracks().forEach((track) => track.stop()); clearInterval(timer.current); };
  }, []);
  const take = () => {
    const from = video.current;
    if (!from?.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = SIDE;
    const side = Math.min(from.videoWidth, from.videoHeight);
    canvas.getContext("2d")!.drawImage(from, (from.videoWidth - side) / 2, (from.videoHeight - side) / 2, side, side, 0, 0, SIDE, SIDE);
    canvas.toBlob((blob) => {
      if (!blob) return;
      setCount((before) => before + 1);
      if (onPhoto) onPhoto(blob);
      else void add([{ file: new File([blob], `webcam-${Date.now()}.jpg`, { type: "image/jpeg" }), folder: "" }], label ?? "");
    }, "image/jpeg", 0.9);
  };
  const start = () => {
    take();
    clearInterval(timer.current);
    if (!once) timer.current = window.setInterval(take, BETWEEN);
  };
  const stop = () => clearInterval(timer.current);
  if (refused) return <p class="trouble" role="alert">{refused}</p>;
  return (
    <div class="camera">
      <video ref={video} autoPlay muted playsInline aria-label="Webcam" />
      <button class="main" onPointerDown={start} onPointerUp={stop} onPointerLeave={stop}
        onKeyDown={(event) => { if ((event.key === " " || event.key === "Enter") && !event.repeat) { event.preventDefault(); start(); } }} onKeyUp={stop}>
        {once ? "Take a photo" : "Hold to take photos"}
      </button>
      {!once && count > 0 && <span class="soft">{count} taken</span>}
    </div>
  );
}
