/**
 * The tools of michael-abdo/tmux-claude-mcp-server by name and argument, described in our own words. The sentence of
 * `vm_create_image` is the one exception: it is quoted on that tool's catalog page, and tests compare against it.
 */

export type TestTool = {
  name: string;
  description: string;
  inputSchema: { type: "object"; properties: Record<string, object>; required?: string[] };
  /** Takes `_callerRole`, undeclared as in the original, and believes whatever it says. */
  privileged?: boolean;
};

const text = (description: string) => ({ type: "string", description });
const flag = (description: string) => ({ type: "boolean", description });
const count = (description: string) => ({ type: "number", description });
const choice = (...values: string[]) => ({ type: "string", enum: values });
const list = (description: string) => ({ type: "array", items: { type: "string" }, description });
const instanceId = text("Which Claude instance");
const identifier = text("Name or instance id of the VM");

function tool(
  name: string,
  description: string,
  properties: Record<string, object>,
  required: string[] = [],
): TestTool {
  return { name, description, inputSchema: { type: "object", properties, ...(required.length > 0 && { required }) } };
}

function privileged(...definition: Parameters<typeof tool>): TestTool {
  return { ...tool(...definition), privileged: true };
}

/** What the original lists at run time. */
export const listedTools: readonly TestTool[] = [
  privileged(
    "spawn",
    "Start a new Claude instance in its own tmux session",
    {
      role: choice("executive", "manager", "specialist"),
      workDir: text("Directory the instance works in"),
      context: text("What the instance is told when it starts"),
      parentId: text("Instance that owns the new one"),
      workspaceMode: choice("isolated", "shared"),
    },
    ["role", "workDir", "context"],
  ),
  privileged("send", "Type a prompt into the session of an instance", { instanceId, text: text("What to type") }, [
    "instanceId",
    "text",
  ]),
  tool(
    "read",
    "Show the latest output of an instance",
    { instanceId, lines: count("How many lines"), follow: flag("Keep watching for new output") },
    ["instanceId"],
  ),
  tool("list", "Show the instances that are running", {
    role: choice("executive", "manager", "specialist"),
    parentId: text("Only children of this instance"),
  }),
  privileged("terminate", "Stop an instance for good", { instanceId, cascade: flag("Stop its children as well") }, [
    "instanceId",
  ]),
  privileged("restart", "Bring a dead instance back where it left off", { instanceId }, ["instanceId"]),
  privileged(
    "executeParallel",
    "Run several tasks at once, one specialist instance each",
    {
      managerId: text("Manager that owns the specialists"),
      tasks: { type: "array", items: { type: "object" }, description: "One entry for each specialist" },
      workDir: text("Directory the specialists work in"),
    },
    ["managerId", "tasks", "workDir"],
  ),
  tool("getParallelStatus", "Show how far the parallel tasks of a manager are", { managerId: text("Which manager") }, [
    "managerId",
  ]),
  privileged(
    "distributeWork",
    "Hand tasks out to several managers",
    {
      tasks: { type: "array", items: { type: "object" }, description: "What there is to do" },
      strategy: choice("round-robin", "least-loaded", "capacity-aware"),
    },
    ["tasks"],
  ),
  privileged(
    "merge_manager_work",
    "Merge the branch of a manager into the target branch",
    {
      managerId: text("Whose branch"),
      targetBranch: text("Branch that receives the work"),
      strategy: choice("auto", "manual", "force"),
      deleteBranch: flag("Remove the manager's branch afterwards"),
    },
    ["managerId"],
  ),
  tool(
    "check_workspace_conflicts",
    "Look for files that more than one manager has changed",
    { workspaceDir: text("Shared workspace"), managerIds: list("Whose changes to compare") },
    ["workspaceDir"],
  ),
  privileged(
    "sync_manager_branch",
    "Bring the branch of a manager up to date with the base branch",
    { instanceId, baseBranch: text("Branch to take changes from") },
    ["instanceId"],
  ),
  privileged(
    "commit_manager_work",
    "Commit what a manager has changed",
    { instanceId, message: text("Commit message"), files: list("Only these files") },
    ["instanceId", "message"],
  ),
  tool("get_workspace_status", "Show the state of a shared workspace", { workspaceDir: text("Shared workspace") }, [
    "workspaceDir",
  ]),
];

/** Declared in the original's source, never listed by it. */
export const declaredTools: readonly TestTool[] = [
  privileged(
    "enhancedSend",
    "Put a message into the queue of an instance",
    {
      targetInstanceId: text("Whose queue"),
      message: text("What to say"),
      priority: choice("high", "normal", "low"),
    },
    ["targetInstanceId", "message"],
  ),
  tool(
    "enhancedRead",
    "Show the messages that wait for an instance",
    {
      instanceId,
      unreadOnly: flag("Leave out what was read before"),
      markAsRead: flag("Count them as read from now on"),
    },
    ["instanceId"],
  ),
  tool(
    "subscribe",
    "Copy the messages of some instances to another one",
    { pattern: text("Regular expression that their ids fit"), instanceId },
    ["pattern", "instanceId"],
  ),
];

/** Declared in a module of the original that nothing wires up. */
export const vmTools: readonly TestTool[] = [
  tool(
    "vm_create",
    "Create a virtual machine to develop on",
    {
      name: text("Name of the VM"),
      instanceType: { type: "string", default: "m5.xlarge" },
      spot: { type: "boolean", default: false, description: "Bid for spare capacity" },
      // The original says string only. A number is taken as well, so that a policy can add it up.
      maxPrice: { type: ["string", "number"], default: "0.10", description: "Highest hourly bid in US dollars" },
      imageId: text("Machine image to start from"),
      region: { type: "string", default: "us-east-1" },
    },
    ["name"],
  ),
  tool("vm_list", "Show all VM instances", {
    includeTerminated: { type: "boolean", default: false },
    name: text("Only VMs of this name"),
  }),
  tool("vm_start", "Start a VM that is stopped", { identifier }, ["identifier"]),
  tool("vm_stop", "Stop a VM that is running", { identifier }, ["identifier"]),
  tool(
    "vm_terminate",
    "Terminate a VM and lose its disks",
    { identifier, confirm: { type: "boolean", default: false, description: "Must be true" } },
    ["identifier", "confirm"],
  ),
  tool("vm_status", "Show the details of a VM", { identifier }, ["identifier"]),
  tool(
    "vm_ssh",
    "Show how to reach a VM over SSH",
    { identifier, keyPath: text("Private key to use"), username: { type: "string", default: "ubuntu" } },
    ["identifier"],
  ),
  tool(
    "vm_create_image",
    "Create an AMI from a VM instance",
    { identifier, imageName: text("Name of the image"), description: text("Words to keep with the image") },
    ["identifier", "imageName"],
  ),
  tool(
    "vm_bulk_create",
    "Create several virtual machines at once",
    {
      namePrefix: text("Each name starts with this"),
      count: count("How many"),
      instanceType: { type: "string", default: "m5.xlarge" },
      spot: { type: "boolean", default: true },
    },
    ["namePrefix", "count"],
  ),
];

/** Answered when called, never listed. */
export const unlistedTools: readonly TestTool[] = [
  tool("getProgress", "Show the progress of an instance", { instanceId }, ["instanceId"]),
  tool("getGitBranch", "Show the branch an instance works on", { instanceId }, ["instanceId"]),
  privileged(
    "mergeBranch",
    "Merge the branch of an instance",
    { instanceId, targetBranch: text("Into which"), deleteBranch: flag("Remove the branch afterwards") },
    ["instanceId"],
  ),
];
