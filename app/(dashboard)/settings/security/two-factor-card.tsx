"use client";
import { useState } from "react";
import type { AccountAnswer } from "@/app/api/v1/member-schemas.ts";
import { Badge } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Callout } from "@/components/ui/callout.tsx";
import { Card, CardBody, CardHeader } from "@/components/ui/card.tsx";
import { TimeAgo } from "@/components/ui/time-ago.tsx";
import { ProofDialog } from "./proof-dialog.tsx";
import { SetupDialog } from "./setup-dialog.tsx";

const fewCodes = 3;

export function TwoFactorCard({ account }: { account: AccountAnswer }) {
  const [dialog, setDialog] = useState<"setup" | "codes" | "off" | null>(null);
  const { on, since, recoveryCodesLeft } = account.twoFactor;
  const open = (which: typeof dialog) => ({
    open: dialog === which,
    onOpenChange: (isOpen: boolean) => setDialog(isOpen ? which : null),
  });

  return (
    <Card>
      <CardHeader
        title={
          <span className="flex items-center gap-2">
            Two-factor sign-in {on ? <Badge tone="ok">On</Badge> : <Badge>Off</Badge>}
          </span>
        }
        description={
          account.hasPassword
            ? "A code of an authenticator app, asked for after your password. API keys are not affected."
            : "You sign in with another provider, which asks for a second factor itself."
        }
        actions={
          on ? (
            <>
              <Button onClick={() => setDialog("codes")}>New recovery codes</Button>
              <Button onClick={() => setDialog("off")}>Turn off</Button>
            </>
          ) : (
            account.hasPassword && (
              <Button variant="primary" onClick={() => setDialog("setup")}>
                Set up
              </Button>
            )
          )
        }
      />
      {on && (
        <CardBody>
          <p className="text-ink-muted text-sm">
            {since && (
              <>
                On since <TimeAgo at={since} />.{" "}
              </>
            )}
            {recoveryCodesLeft === 1 ? "1 recovery code is" : `${recoveryCodesLeft} recovery codes are`} left.
          </p>
          {recoveryCodesLeft < fewCodes && (
            <Callout tone="warn" className="mt-3">
              Make new recovery codes before you run out: without one, a lost phone locks you out.
            </Callout>
          )}
        </CardBody>
      )}
      <SetupDialog {...open("setup")} />
      <ProofDialog {...open("codes")} what="codes" />
      <ProofDialog {...open("off")} what="off" />
    </Card>
  );
}
