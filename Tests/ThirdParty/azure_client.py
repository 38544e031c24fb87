"""The unmodified client of Azure Confidential Ledger against a parley-node.

    azure_client.py URL SERVICE_CERTIFICATE ADMINISTRATOR

SERVICE_CERTIFICATE is the node's service.pem; ADMINISTRATOR a PEM file with key and certificate of an
administrator of the node. Every call of the client is made, and every receipt is verified by the
client's own code and by that of CCF, unchanged and tampered with.
"""
import copy
import json
import sys

from azure.confidentialledger import ConfidentialLedgerCertificateCredential, ConfidentialLedgerClient
from azure.confidentialledger.certificate import ConfidentialLedgerCertificateClient
from azure.confidentialledger.receipt import verify_receipt
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
import base64
import ccf.receipt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
import hashlib

from checks import check, finish, refused

url, service_file, administrator_file = sys.argv[1:]
service = open(service_file).read()
administrator = x509.load_pem_x509_certificate(open(administrator_file, "rb").read())
collection = "third party: a,b"

# 1. The identity, from the node itself as from Azure's identity service.
identities = ConfidentialLedgerCertificateClient(url, connection_verify=service_file)
identity = identities.get_ledger_identity(ledger_id="consortium")
check("get_ledger_identity", identity["ledgerTlsCertificate"] == service)
client = ConfidentialLedgerClient(
    url, credential=ConfidentialLedgerCertificateCredential(administrator_file),
    ledger_certificate_path=service_file)

# 2. Writing: notes in the default collection and in one of our own.
def post(contents, **options):
    return client.begin_create_ledger_entry({"contents": contents}, polling_interval=0.1, **options).result()

contents = [json.dumps({"session": i, "text": "é \"\\ \u0001"}) for i in range(5)]
posted = [post(text) for text in contents]
ids = [entry["transactionId"] for entry in posted]
check("begin_create_ledger_entry", len(set(ids)) == 5, ids)
for number in range(103):
    last = post(f"note {number}", collection_id=collection)

# 3. Reading.
entry = client.begin_get_ledger_entry(ids[2], polling_interval=0.1).result()
check("begin_get_ledger_entry", entry["entry"]["contents"] == contents[2])
listed = [e["contents"] for e in client.list_ledger_entries(collection_id=collection)]
check("list_ledger_entries in pages", listed[-103:] == [f"note {number}" for number in range(103)], len(listed))
part = list(client.list_ledger_entries(from_transaction_id=ids[1], to_transaction_id=ids[3]))
check("list_ledger_entries from and to", [e["transactionId"] for e in part] == ids[1:4])
current = client.get_current_ledger_entry(collection_id=collection)
check("get_current_ledger_entry", current["transactionId"] == last["transactionId"])
status = client.get_transaction_status(ids[0])
check("get_transaction_status", status == {"state": "Committed", "transactionId": ids[0]})
collections = [c["collectionId"] for c in client.list_collections()]
check("list_collections", {"subledger:0", collection} <= set(collections))

# 4. Receipts: Azure's code and CCF's agree, and neither takes a changed one.
node_service = x509.load_pem_x509_certificate(service.encode())

def verify_with_ccf(receipt):
    parts = receipt["leafComponents"]
    leaf = hashlib.sha256(
        bytes.fromhex(parts["writeSetDigest"])
        + hashlib.sha256(parts["commitEvidence"].encode()).digest()
        + bytes.fromhex(parts["claimsDigest"])).hexdigest()
    root = ccf.receipt.root(leaf, receipt["proof"])
    node = x509.load_pem_x509_certificate(receipt["cert"].encode())
    ccf.receipt.verify(root, receipt["signature"], node)
    ccf.receipt.check_endorsements(node, node_service, receipt["serviceEndorsements"])
    ccf.receipt.check_cert_chain(node, node_service, receipt["serviceEndorsements"])

answers = [client.begin_get_receipt(id, polling_interval=0.1).result() for id in ids + [last["transactionId"]]]
for answer in answers:
    verify_receipt(answer["receipt"], service, application_claims=answer["applicationClaims"])
    verify_receipt(answer["receipt"], service)
    verify_with_ccf(answer["receipt"])
check("verify_receipt and ccf.receipt accept", True, f"{len(answers)} receipts")
answer = answers[0]
check("the receipt's claim is the note", answer["applicationClaims"][0]["ledgerEntry"]["contents"] == contents[0])
check("the receipt carries a tlog-proof", answer["receipt"]["cosignatures"].startswith("c2sp.org/tlog-proof@v1\n"))

def flipped(text):
    return ("1" if text[0] != "1" else "2") + text[1:]

def tampered(change):
    forged = copy.deepcopy(answer)
    change(forged)
    return forged

def change_leaf(key):
    return lambda a: a["receipt"]["leafComponents"].update({key: flipped(a["receipt"]["leafComponents"][key])})

def change_path(a):
    step = a["receipt"]["proof"][0]
    side = next(iter(step))
    step[side] = flipped(step[side])

def swap_side(a):
    step = a["receipt"]["proof"][0]
    side = next(iter(step))
    step["right" if side == "left" else "left"] = step.pop(side)

def change_signature(a):
    signature = bytearray(base64.b64decode(a["receipt"]["signature"]))
    signature[-1] ^= 1
    a["receipt"]["signature"] = base64.b64encode(bytes(signature)).decode()

for name, change, by_ccf in [
    ("writeSetDigest", change_leaf("writeSetDigest"), True),
    ("claimsDigest", change_leaf("claimsDigest"), True),
    ("commitEvidence", change_leaf("commitEvidence"), True),
    ("a proof element", change_path, True), ("a proof element's side", swap_side, True),
    ("the proof's last element", lambda a: a["receipt"]["proof"].pop(), True),
    ("the signature", change_signature, True),
    ("the certificate", lambda a: a["receipt"].update(cert=service), True),
    ("another receipt's path", lambda a: a["receipt"].update(proof=answers[1]["receipt"]["proof"]), True),
    ("the claim's contents", lambda a: a["applicationClaims"][0]["ledgerEntry"].update(contents="x"), False),
    ("the claim's key", lambda a: a["applicationClaims"][0]["ledgerEntry"].update(
        secretKey=base64.b64encode(bytes(32)).decode()), False),
]:
    forged = tampered(change)
    refused(f"verify_receipt refuses: {name}", lambda: verify_receipt(
        forged["receipt"], service, application_claims=forged["applicationClaims"]))
    if by_ccf:
        refused(f"ccf.receipt refuses: {name}", lambda: verify_with_ccf(forged["receipt"]))

# 5. Users and governance.
fingerprint = administrator.fingerprint(hashes.SHA256()).hex(":").upper()
check("get_user", client.get_user(fingerprint)["assignedRole"] == "Administrator")
other = ":".join(["AB"] * 32)
made = client.create_or_update_user(other, {"assignedRole": "Reader"})
check("create_or_update_user", made == {"assignedRole": "Reader", "userId": other})
check("delete_user", client.delete_user(other) is None)
refused("get_user of a stranger", lambda: client.get_user(other), ResourceNotFoundError)
constitution = client.get_constitution()
check("get_constitution", hashlib.sha256(constitution["script"].encode()).hexdigest() == constitution["digest"])
check("list_consortium_members", len(list(client.list_consortium_members())) >= 2)
check("get_enclave_quotes", answers[0]["receipt"]["nodeId"] == client.get_enclave_quotes()["currentNodeId"])

# 6. Refusals arrive as the client's own exceptions.
refused("an unknown transaction", lambda: client.get_transaction_status("2.999999"), ResourceNotFoundError)
refused("contents of 8,193 bytes", lambda: post("x" * 8193), HttpResponseError)
refused("a collection's name of 257 bytes", lambda: post("x", collection_id="c" * 257), HttpResponseError)
check("contents of 8,192 bytes", "transactionId" in post("\u0001" * 8192))
finish()
