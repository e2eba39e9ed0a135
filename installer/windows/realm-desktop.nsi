; The installer for Windows: for one user, without an administrator. Compiled by build_windows.py:
;   makensis /DVERSION=1.2.3 /DPROGRAM=FOLDER /DICON=FILE /DOUT=FILE realm-desktop.nsi
; PROGRAM is the frozen program's folder. Messages in English and German, as the window.

Unicode true
!ifndef VERSION | PROGRAM | ICON | OUT
  !error "VERSION, PROGRAM, ICON and OUT must be given with /D"
!endif

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"

!define NAME "realm-desktop"
!define TITLE "Realm Desktop"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"
!define TYPE_KEY "Software\Classes\.gguf"
; Where the program keeps chats, settings and models: never in the folder of the program.
!define DATA "$LOCALAPPDATA\${NAME}"

Name "${TITLE}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${UNINSTALL_KEY}" "InstallLocation"
RequestExecutionLevel user
; Half the size of zlib's, and unpacked faster than a disk writes.
SetCompressor /SOLID lzma
ManifestDPIAware true
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${TITLE}"
VIAddVersionKey "LegalCopyright" "Apache License 2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\${NAME}.exe"
!insertmacro MUI_PAGE_LICENSE "${PROGRAM}\_internal\LICENSE"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

LangString RUNS ${LANG_ENGLISH} "${TITLE} is running. Close its window, then try again."
LangString RUNS ${LANG_GERMAN} "${TITLE} läuft. Schließen Sie das Fenster und versuchen Sie es noch einmal."
LangString ASK_DATA ${LANG_ENGLISH} "Delete chats, settings and downloaded models too?$\r$\n$\r$\n${DATA}"
LangString ASK_DATA ${LANG_GERMAN} "Auch Chats, Einstellungen und geladene Modelle löschen?$\r$\n$\r$\n${DATA}"
LangString IS_MODEL ${LANG_ENGLISH} "GGUF language model"
LangString IS_MODEL ${LANG_GERMAN} "GGUF-Sprachmodell"
LangString FOREIGN ${LANG_ENGLISH} "This folder holds other files. Choose an empty one."
LangString FOREIGN ${LANG_GERMAN} "In diesem Ordner liegen andere Dateien. Wählen Sie einen leeren."

; A program that runs holds its files; replacing only some of them would leave neither version.
!macro RefuseWhileRunning
  ${Do}
    ClearErrors
    ${IfNot} ${FileExists} "$INSTDIR\${NAME}.exe"
      ${ExitDo}
    ${EndIf}
    FileOpen $0 "$INSTDIR\${NAME}.exe" a
    ${IfNot} ${Errors}
      FileClose $0
      ${ExitDo}
    ${EndIf}
    MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNS)" /SD IDCANCEL IDRETRY +2
    Abort
  ${Loop}
!macroend

Section
  !insertmacro RefuseWhileRunning
  ; An older version may have files that this one has not. The folder is emptied only if it is ours.
  ${If} ${FileExists} "$INSTDIR\${NAME}.exe"
    RMDir /r "$INSTDIR\_internal"
  ${ElseIf} ${FileExists} "$INSTDIR\*.*"
    ${DirState} "$INSTDIR" $0
    ${If} $0 = 1
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(FOREIGN)" /SD IDOK
      Abort
    ${EndIf}
  ${EndIf}
  SetOutPath "$INSTDIR"
  File /r "${PROGRAM}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  SetOutPath "$INSTDIR"
  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "$INSTDIR\${NAME}.exe"

  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${NAME}.exe"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "EstimatedSize" "$0"
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL_KEY}" "NoRepair" 1

  ; The name and icon of model files, and how we open them; who else opens them keeps them.
  WriteRegStr HKCU "Software\Classes\${NAME}.gguf" "" "$(IS_MODEL)"
  WriteRegStr HKCU "Software\Classes\${NAME}.gguf\DefaultIcon" "" "$INSTDIR\${NAME}.exe,0"
  WriteRegStr HKCU "Software\Classes\${NAME}.gguf\shell\open\command" "" '"$INSTDIR\${NAME}.exe" "%1"'
  ReadRegStr $0 HKCU "${TYPE_KEY}" ""
  ${If} $0 == ""
    WriteRegStr HKCU "${TYPE_KEY}" "" "${NAME}.gguf"
  ${EndIf}
SectionEnd

Section "Uninstall"
  !insertmacro RefuseWhileRunning
  ; By name: somebody may have put files of their own beside ours.
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${NAME}.exe"
  Delete "$INSTDIR\${NAME}-cli.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${TITLE}.lnk"
  DeleteRegKey HKCU "${UNINSTALL_KEY}"
  DeleteRegKey HKCU "Software\Classes\${NAME}.gguf"
  ReadRegStr $0 HKCU "${TYPE_KEY}" ""
  ${If} $0 == "${NAME}.gguf"
    DeleteRegValue HKCU "${TYPE_KEY}" ""
  ${EndIf}
  ; Asked, and never in a silent removal: chats cannot be had again.
  ${If} ${FileExists} "${DATA}\*.*"
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(ASK_DATA)" /SD IDNO IDNO +2
    RMDir /r "${DATA}"
  ${EndIf}
SectionEnd
