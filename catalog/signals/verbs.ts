import type { SpokenCategory } from "../schema.ts";

export type VerbRow = {
  id: string;
  category: SpokenCategory;
  /** Base forms, separated by blanks. */
  words: string;
  /** Just as often a noun (`order`, `test`): counts only where nothing better stands in the place of the verb. */
  noun?: true;
};

export const verbRows: readonly VerbRow[] = [
  {
    id: "verb.pay",
    category: "Financial",
    words:
      "pay repay prepay buy sell withdraw payout donate reimburse remit overdraw liquidate unstake settle borrow lend rebalance airdrop cashout chargeback",
  },
  {
    id: "verb.trade",
    category: "Financial",
    words: "charge swap deposit trade bid stake wager bet tip topup disburse invest refund purchase debit rent hire",
    noun: true,
  },
  {
    id: "verb.delete",
    category: "Destructive",
    words:
      "delete destroy erase wipe purge remove drop terminate kill uninstall nuke shred expunge truncate deprovision decommission unlink prune evict discard obliterate rm rmdir del eradicate overwrite sigkill teardown clear reset flush revoke forget unregister deregister scrub void burn clean cleanup annihilate demolish dismantle dispose deallocate disband rmtree nullify reap",
  },
  { id: "verb.empty", category: "Destructive", words: "empty trash tear", noun: true },
  {
    id: "verb.run",
    category: "Execute",
    words:
      "run execute exec eval evaluate invoke trigger launch start stop restart reboot spawn rerun relaunch shutdown halt perform retry replay compile install reinstall deploy redeploy rollback provision bootstrap boot resume pause suspend unpause hibernate wake migrate failover rebuild recreate reload connect disconnect reconnect dispatch orchestrate automate emulate inject undeploy distribute initiate interact operate simulate rollout poweroff poweron unmount finetune craft smelt harvest equip unequip swim jump crouch",
  },
  {
    id: "verb.interact",
    category: "Execute",
    words: "click doubleclick rightclick dblclick tap swipe hover keypress fill drag scroll navigate goto unhover",
  },
  { id: "verb.shell", category: "Execute", words: "shell bash powershell repl zsh subprocess" },
  {
    id: "verb.run.noun",
    category: "Execute",
    words:
      "press type test call phone dial ssh build play switch process power benchmark command exploit attack fuzz focus crash terminal script control act automation agent mouse keyboard handle select mount cook hunt walk",
    noun: true,
  },
  {
    id: "verb.write",
    category: "Write",
    words:
      "create update add set edit modify wrap unwrap write insert upsert append save store put patch send reply publish unpublish upload move rename copy clone duplicate sync synchronize merge rebase push assign unassign reassign enable disable activate deactivate archive unarchive restore close reopen lock unlock pin unpin unstar mark unmark register subscribe unsubscribe resubscribe invite uninvite reject accept decline dismiss cancel abort attach detach associate disassociate change configure reconfigure manage rotate reschedule submit toggle replace increment decrement apply unfollow join leave notify untag initialize initialise init setup complete finish resolve unresolve mute unmute ban unban deny promote demote undo redo revert mkdir touch remember memorize ingest enqueue dequeue refresh fix autofix allocate reserve make speak say draw redirect login logout signin signout authorize authenticate authorise unlike respond acknowledge ack snooze escalate approve confirm delegate regenerate generate convert transform compress combine crop upscale render customize customise expand shrink extend adjust moderate unblock quarantine mint define cache transition enroll unenroll fork star import reorder populate seed bind unbind commit advance finalize finalise sanitize anonymize redact stage unstage split concatenate overlay animate compose upgrade downgrade repair unset recycle resize rearrange renew claim redeem hide unhide protect unprotect contest opt amend increase decrease integrate refuse disapprove invalidate prewarm backfill reindex optimize optimise embed highlight rewrite refactor retitle relabel upvote downvote unshare reroute calibrate disarm dim transcode trim inpaint outpaint colorize denoise synthesize vectorize broadcast announce silence suppress override bypass waive exempt onboard offboard kick expire prepend indent align strip encrypt zip unzip untar unpack persist prepare recover reconcile arrange nominate impersonate personalize reformat retract withhold relocate reposition recolor resend repost retweet unretweet unreact bump tighten loosen shuffle",
  },
  {
    id: "verb.write.noun",
    category: "Write",
    words:
      "place post forward open pull link tag label comment request record log track like follow vote react share grant report block schedule draft stash index queue email message checkout tweet release book order issue format sign branch note new answer annotate nudge flag hold transfer alert watchlist bookmark favorite backup load end wire bridge scale turn arm style warm raise boost punch award gift",
    noun: true,
  },
  {
    id: "verb.read",
    category: "Read",
    words:
      "get list search find fetch read show view describe count check validate verify inspect retrieve lookup analyze analyse browse explain summarize summarise compare whoami detect identify estimate calculate parse decode lint introspect discover explore extract scrape crawl recommend suggest diagnose examine poll wait decompile disassemble return locate determine predict classify measure visualize translate obtain see display collect gather aggregate enumerate assess observe ls grep glob peek investigate exists tail screenshot download tell provide learn introduce understand sleep think recall infer ascertain recognize tokenize correlate cite troubleshoot interpret paginate probe tally quantify contrast visualise paraphrase proofread critique advise teach traverse dereference solve await assert expect listen decrypt encode transcribe caption ocr categorize categorise consult appraise",
  },
  {
    id: "verb.read.noun",
    category: "Read",
    words:
      "query map preview watch trace profile audit review scan snapshot export sample filter rank score diff help outline print look cat head stat ping compute monitor match debug geocode forecast autocomplete ask echo capture dump plot sum average survey hash",
    noun: true,
  },
];

/**
 * A noun that ends a name without any verb (`server_status`). Alone it is enough for Read only because such a name asks for
 * nothing to be done; any verb elsewhere outweighs it.
 */
export const readNouns =
  "status info information details detail stats statistics logs history schema docs documentation version versions health metrics insights findings languages tables indexes guide about me summary usage capabilities errors messages requests results overview types entries methods functions classes availability balance balances price prices quote quotes weather forecast time timezone news leaderboard rates context examples tree height rate metadata properties totals ranking";
