import type { Activators, SensorInstance, SensorProps } from "@dnd-kit/core";

export type KeySensorOptions = {
  /** An arrow key, while something is carried. */
  onArrow: (code: string) => void;
  /** Called here and not by dnd-kit, which says nothing of a drag that ends before it was drawn. */
  onDrop: () => void;
  onCancel: () => void;
};

const dropKeys = ["Space", "Enter"];
const cancelKeys = ["Escape", "Tab"];

/**
 * Carrying by keys. Unlike dnd-kit's own sensor it knows no coordinates, only the next place, and it listens from the
 * moment of the pick-up: keys that come before a timer fires are not lost.
 */
export class KeySensor implements SensorInstance {
  autoScrollEnabled = false;
  readonly #props: SensorProps<KeySensorOptions>;

  constructor(props: SensorProps<KeySensorOptions>) {
    this.#props = props;
    window.addEventListener("keydown", this.#onKey, { capture: true });
    window.addEventListener("blur", this.#onCancel);
    props.onStart({ x: 0, y: 0 });
  }

  static activators: Activators<KeySensorOptions> = [
    {
      eventName: "onKeyDown",
      handler: ({ nativeEvent }: React.KeyboardEvent) => {
        const isPlain = !nativeEvent.ctrlKey && !nativeEvent.metaKey && !nativeEvent.altKey && !nativeEvent.repeat;
        if (!isPlain || !dropKeys.includes(nativeEvent.code)) return false;
        nativeEvent.preventDefault();
        return true;
      },
    },
  ];

  readonly #onKey = (event: KeyboardEvent): void => {
    const { code } = event;
    if (code.startsWith("Arrow")) this.#props.options.onArrow(code);
    else if (cancelKeys.includes(code)) this.#onCancel();
    else if (dropKeys.includes(code) && !event.repeat) {
      this.#detach();
      this.#props.options.onDrop();
      this.#props.onEnd();
    } else if (!dropKeys.includes(code)) return;
    // The keys are the drag's and nobody else's.
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #onCancel = (): void => {
    this.#detach();
    this.#props.options.onCancel();
    this.#props.onCancel();
  };

  #detach(): void {
    window.removeEventListener("keydown", this.#onKey, { capture: true });
    window.removeEventListener("blur", this.#onCancel);
  }
}
