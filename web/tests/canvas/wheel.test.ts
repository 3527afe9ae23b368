import { expect, it } from "vitest";
import { WheelReader, type WheelLike } from "../../src/canvas/wheel";

const event = (given: Partial<WheelLike>): WheelLike => ({ deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, metaKey: false, shiftKey: false, timeStamp: 0, ...given });

it("a notch of a mouse's wheel zooms", () => {
  expect(new WheelReader().read(event({ deltaY: 100 })).kind).toBe("zoom");
  expect(new WheelReader().read(event({ deltaY: -3, deltaMode: 1 }))).toMatchObject({ kind: "zoom", factor: expect.closeTo(1.09, 2) });
});

it("two fingers on a trackpad pan, and a large step in the middle of the movement does not turn into a zoom", () => {
  const reader = new WheelReader();
  expect(reader.read(event({ deltaX: 2.5, deltaY: 7.5 }))).toEqual({ kind: "pan", by: [-2.5, -7.5] });
  expect(reader.read(event({ deltaY: 80, timeStamp: 30 })).kind).toBe("pan");
  expect(reader.read(event({ deltaY: 100, timeStamp: 1000 })).kind).toBe("zoom");
});

it("a pinch, and the wheel with Ctrl, zoom", () => {
  expect(new WheelReader().read(event({ deltaY: -10, ctrlKey: true })).kind).toBe("zoom");
});

it("the wheel with Shift pans sideways", () => {
  expect(new WheelReader().read(event({ deltaY: 100, shiftKey: true }))).toEqual({ kind: "pan", by: [-100, 0] });
});
