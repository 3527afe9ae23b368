import { describe, expect, it } from "vitest";
import { Fingers, type Press } from "../../src/ui/mask/fingers";
import { centred, fitted, moved, screenRect, toPicture, toScreen, zoomed } from "../../src/ui/mask/look";
import { maskName, maskValue } from "../../src/ui/mask/names";
import { blackPng } from "../../src/ui/mask/png";
import { refOfName } from "../../src/ui/parts/pictures";

describe("the PNG of a mask", () => {
  it("holds each value as transparency, behind checksums that are right", async () => {
    const file = await blackPng(3, 2, new Uint8Array([0, 1, 128, 254, 255, 7]));
    const view = new DataView(file.buffer);
    expect([...file.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
    const chunks = new Map<string, Uint8Array<ArrayBuffer>>();
    for (let at = 8; at < file.length; ) {
      const length = view.getUint32(at);
      chunks.set(new TextDecoder().decode(file.subarray(at + 4, at + 8)), file.slice(at + 8, at + 8 + length));
      at += 12 + length;
    }
    expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
    expect([...(chunks.get("IHDR") ?? [])]).toEqual([0, 0, 0, 3, 0, 0, 0, 2, 8, 4, 0, 0, 0]);
    const rows = new Blob([chunks.get("IDAT") ?? new Uint8Array(0)]).stream().pipeThrough(new DecompressionStream("deflate"));
    expect([...new Uint8Array(await new Response(rows).arrayBuffer())]).toEqual([0, 0, 0, 0, 1, 0, 128, 0, 0, 254, 0, 255, 0, 7]);
    // The checksum of an empty IEND is known to everybody.
    expect(view.getUint32(file.length - 4)).toBe(0xae426082);
  });
});

describe("where the picture is", () => {
  const picture = { width: 400, height: 200 };
  const room = { width: 848, height: 648 };

  it("fits into the window with a margin", () => {
    expect(fitted(picture, room)).toEqual({ scale: 2, x: 24, y: 124 });
    expect(centred(picture, room, 1)).toEqual({ scale: 1, x: 224, y: 224 });
  });

  it("zooms about the pointer, within bounds", () => {
    const look = zoomed({ scale: 1, x: 10, y: 20 }, 2, { x: 110, y: 70 });
    expect(look).toEqual({ scale: 2, x: -90, y: -30 });
    expect(toPicture(look, { x: 110, y: 70 })).toEqual({ x: 100, y: 50 });
    expect(toScreen(look, { x: 100, y: 50 })).toEqual({ x: 110, y: 70 });
    expect(zoomed(look, 1000, { x: 0, y: 0 }).scale).toBe(32);
  });

  it("never leaves the window", () => {
    expect(moved({ scale: 1, x: 0, y: 0 }, 9000, -9000, picture, room)).toEqual({ scale: 1, x: 800, y: -152 });
  });

  it("knows which part of the screen a rectangle takes", () => {
    expect(screenRect({ scale: 0.5, x: 3, y: 0 }, { x: 9, y: 4, width: 3, height: 2 })).toEqual({ x: 6, y: 1, width: 4, height: 3 });
  });
});

describe("pointers", () => {
  function hands(): { fingers: Fingers; did: string[]; press: (id: number, x: number, more?: Partial<Press>) => Press } {
    const did: string[] = [];
    const fingers = new Fingers({
      start: ({ x }) => did.push(`start ${x}`),
      end: () => did.push("end"),
      cancel: () => did.push("cancel"),
      pan: (dx, dy) => (dx || dy) && did.push(`pan ${dx} ${dy}`),
      zoom: (factor, at) => did.push(`zoom ${factor} at ${at.x}`),
    });
    return { fingers, did, press: (id, x, more = {}) => ({ id, x, y: 0, kind: "touch", button: 0, time: 0, ...more }) };
  }

  it("one finger paints", () => {
    const { fingers, did, press } = hands();
    fingers.down(press(1, 10), false);
    expect(fingers.move(press(1, 20))).toBe(true);
    fingers.up(press(1, 20));
    expect(did).toEqual(["start 10", "end"]);
  });

  it("two fingers move and zoom, what the first began is taken back, and the one that stays paints nothing", () => {
    const { fingers, did, press } = hands();
    fingers.down(press(1, 10), false);
    fingers.down(press(2, 30, { time: 100 }), false);
    expect(fingers.move(press(2, 50))).toBe(false);
    fingers.up(press(2, 50));
    expect(fingers.move(press(1, 12))).toBe(false);
    fingers.up(press(1, 12));
    expect(did).toEqual(["start 10", "cancel", "pan 10 0", "zoom 2 at 30", "pan 2 0"]);
    fingers.down(press(3, 5), false);
    expect(did.at(-1)).toBe("start 5");
  });

  it("a late second finger keeps what the first has painted", () => {
    const { fingers, did, press } = hands();
    fingers.down(press(1, 10), false);
    fingers.down(press(2, 30, { time: 900 }), false);
    expect(did).toEqual(["start 10", "end"]);
  });

  it("after a pen, fingers only move the picture", () => {
    const { fingers, did, press } = hands();
    fingers.down(press(1, 10, { kind: "pen" }), false);
    fingers.up(press(1, 10, { kind: "pen" }));
    fingers.down(press(2, 10), false);
    fingers.move(press(2, 14));
    expect(did).toEqual(["start 10", "end", "pan 4 0"]);
  });

  it("the middle button and a held Space move the picture, the right button is nobody's", () => {
    const { fingers, did, press } = hands();
    fingers.down(press(1, 0, { kind: "mouse", button: 1 }), false);
    fingers.move(press(1, 3, { kind: "mouse" }));
    fingers.up(press(1, 3, { kind: "mouse" }));
    fingers.down(press(1, 0, { kind: "mouse" }), true);
    fingers.move(press(1, 4, { kind: "mouse" }));
    fingers.up(press(1, 4, { kind: "mouse" }));
    expect(fingers.down(press(1, 0, { kind: "mouse", button: 2 }), false)).toBe(false);
    expect(did).toEqual(["pan 3 0", "pan 4 0"]);
  });

  it("a pointer that the system takes away leaves nothing behind", () => {
    const { fingers, did, press } = hands();
    fingers.down(press(1, 10), false);
    fingers.lost(press(1, 10));
    expect(did).toEqual(["start 10", "cancel"]);
    expect(fingers.move(press(1, 20))).toBe(false);
  });
});

describe("names of files", () => {
  it("are written with their folder, as nodes read them", () => {
    const ref = { filename: "a mask.png", subfolder: "clipspace", type: "input" };
    expect(maskValue(ref)).toBe("clipspace/a mask.png [input]");
    expect(refOfName(maskValue(ref))).toEqual(ref);
  });

  it("of masks are those of their pictures, also the second time", () => {
    expect(["photo.jpeg", "photo mask.png", "photo mask (3).png", ".png", "no ending"].map(maskName)).toEqual([
      "photo mask.png",
      "photo mask.png",
      "photo mask.png",
      "picture mask.png",
      "no ending mask.png",
    ]);
  });
});
