import type { Metadata } from "next";
import { RegisterForm } from "./register-form.tsx";

export const metadata: Metadata = { title: "Register a server" };

export default function RegisterPage() {
  return <RegisterForm />;
}
