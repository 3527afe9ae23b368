import { describe, expect, it } from "vitest";
import { Socket, type Surroundings, type Wire } from "../../src/net/socket";
import { readMessage, readPreview } from "../../src/net/frames";

class FakeWire implements Wire {
  binaryType: BinaryType = "blob";
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  sent: string[] = [];
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.onclose?.();
  }
}

function surroundings() {
  const wires: FakeWire[] = [];
  const waits: { ms: number; work: () => void; stopped: boolean }[] = [];
  const around: Surroundings = {
    open: () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire;
    },
    later: (ms, work) => {
      const wait = { ms, work, stopped: false };
      waits.push(wait);
      return () => void (wait.stopped = true);
    },
    random: () => 1,
  };
  return { wires, waits, around };
}

describe("a socket", () => {
  it("says what it can do when it opens", () => {
    const { wires, around } = surroundings();
    const socket = new Socket("ws://x", around);
    socket.start();
    wires[0]?.onopen?.();
    expect(JSON.parse(wires[0]?.sent[0] ?? "")).toEqual({ type: "feature_flags", data: { supports_preview_metadata: true } });
    expect(socket.isOpen).toBe(true);
  });

  it("comes back later and later, and soon again after it was open", () => {
    const { wires, waits, around } = surroundings();
    new Socket("ws://x", around).start();
    for (let count = 0; count < 6; count++) {
      wires.at(-1)?.onclose?.();
      waits.at(-1)?.work();
    }
    expect(waits.map((wait) => wait.ms)).toEqual([300, 600, 1200, 2400, 4800, 8000]);
    wires.at(-1)?.onopen?.();
    wires.at(-1)?.onclose?.();
    expect(waits.at(-1)?.ms).toBe(300);
  });

  it("tells of a loss once, and hears nothing of a wire it gave up", () => {
    const { wires, waits, around } = surroundings();
    const socket = new Socket("ws://x", around);
    const said: boolean[] = [];
    socket.connected.subscribe((open) => said.push(open));
    socket.start();
    wires[0]?.onopen?.();
    socket.lost();
    socket.lost();
    expect(said).toEqual([true, false]);
    expect(wires[0]?.onmessage).toBeNull();
    expect(waits.filter((wait) => !wait.stopped)).toHaveLength(1);
  });

  it("is quiet after it was stopped", () => {
    const { wires, waits, around } = surroundings();
    const socket = new Socket("ws://x", around);
    socket.start();
    socket.stop();
    socket.retryNow();
    expect(wires).toHaveLength(1);
    expect(waits).toHaveLength(0);
  });
});

describe("frames", () => {
  it("keep long numbers and survive nonsense", () => {
    expect(readMessage('{"type":"status","data":{"a":1}}')).toEqual({ type: "status", data: { a: 1 } });
    expect(readMessage("{")).toBeUndefined();
    expect(readMessage("[1]")).toBeUndefined();
  });

  it("of type 4 name the node of a preview", async () => {
    const facts = new TextEncoder().encode(JSON.stringify({ node_id: "5", display_node_id: "7", prompt_id: "j", image_type: "image/png" }));
    const frame = new Uint8Array(8 + facts.length + 3);
    const view = new DataView(frame.buffer);
    view.setUint32(0, 4);
    view.setUint32(4, facts.length);
    frame.set(facts, 8);
    frame.set([1, 2, 3], 8 + facts.length);
    const preview = readPreview(frame.buffer);
    expect(preview).toMatchObject({ node: "7", job: "j" });
    expect(preview?.picture.type).toBe("image/png");
    expect(new Uint8Array((await preview?.picture.arrayBuffer()) ?? [])).toEqual(new Uint8Array([1, 2, 3]));
  });

  it("of type 1 belong to whatever runs", () => {
    const frame = new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2, 9]);
    expect(readPreview(frame.buffer)).toMatchObject({ node: undefined, job: undefined });
  });

  it("that are cut short or of other types are no previews", () => {
    for (const bytes of [[], [0, 0, 0, 4], [0, 0, 0, 4, 0, 0, 1, 0, 1], [0, 0, 0, 3, 0, 0, 0, 0]]) expect(readPreview(new Uint8Array(bytes).buffer)).toBeUndefined();
  });
});
