export const examplePolicy = `{
  "version": "1",
  "default": "deny",
  "tools": {
    "vm_create_image": {
      "limits": [
        {
          "counter": "vm_create_image_rate",
          "window": "minute",
          "max": 10,
          "scope": "grant"
        }
      ]
    }
  }
}
`;

export type Decided = { tool: string; code: string; rule: string; message: string };
